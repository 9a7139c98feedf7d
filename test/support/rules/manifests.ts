/** What the manifests of JSR and npm must agree on. @module */

/** The part of `deno.json` that JSR publishes by. */
export interface DenoManifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
}

/** The part of `package.json` that npm publishes by. */
export interface NpmManifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

/** Entry points that only JSR has: on npm nobody runs Deno's adapter. */
const ONLY_ON_JSR = ["./deno"];

/** Where the manifests and the version in the source differ. */
export function differences(deno: DenoManifest, npm: NpmManifest, version: string): string[] {
  const found: string[] = [];
  const expect = (what: string, inDeno: string | undefined, other: string | undefined): void => {
    if (inDeno !== other) found.push(`${what}: ${inDeno} in deno.json, else ${other}`);
  };
  expect("name", deno.name, npm.name);
  expect("license", deno.license, npm.license);
  expect("version", deno.version, npm.version);
  expect("version in src/version.ts", deno.version, version);
  for (const entry of new Set([...Object.keys(deno.exports), ...Object.keys(npm.exports)])) {
    const built = deno.exports[entry]?.replace(/^\./, "./dist").replace(/\.ts$/, "");
    if (ONLY_ON_JSR.includes(entry)) {
      expect(`exports ${entry}`, undefined, npm.exports[entry]?.default);
      continue;
    }
    expect(`exports ${entry}`, built && `${built}.js`, npm.exports[entry]?.default);
    expect(`types of ${entry}`, built && `${built}.d.ts`, npm.exports[entry]?.types);
  }
  return found;
}
