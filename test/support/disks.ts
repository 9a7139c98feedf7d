/** Disks that are small, and disks that fail. Linux, root. @module */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

const MIB = 1024 * 1024;

/** A disk of a test. */
export interface Disk {
  /** Where it is mounted. */
  readonly folder: string;
  /** Ends what keeps it from being written to. */
  mend(): void;
  /** Takes it away. Nobody may have it open any more. */
  remove(): void;
}

const mount = (...args: readonly string[]): void => void execFileSync("mount", [...args]);
const unmount = (folder: string): void => void execFileSync("umount", [folder]);

/** A disk with room for `mib` MiB, of which half is taken until it is mended. */
export function smallDisk(mib: number): Disk {
  const folder = mkdtempSync(`${tmpdir()}/perch-disk-`);
  mount("-t", "tmpfs", "-o", `size=${mib}m`, "tmpfs", folder);
  const filler = `${folder}/filler`;
  writeFileSync(filler, new Uint8Array(mib / 2 * MIB));
  return {
    folder,
    mend: () => rmSync(filler),
    remove() {
      unmount(folder);
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * A disk of 64 MiB that fails (EIO) once about `mib` MiB of it were written, until it is mended: what lies under it is a disk
 * that is smaller than it says.
 */
export function failingDisk(mib: number): Disk {
  const folder = mkdtempSync(`${tmpdir()}/perch-disk-`);
  const [below, above] = [`${folder}/below`, `${folder}/above`];
  mkdirSync(below);
  mkdirSync(above);
  mount("-t", "tmpfs", "-o", `size=${mib}m`, "tmpfs", below);
  const image = `${below}/image`;
  writeFileSync(image, "");
  truncateSync(image, 64 * MIB);
  // Without a journal: with one, the system would not let anybody write to it again.
  execFileSync("mke2fs", ["-q", "-F", "-O", "^has_journal", "-E", "nodiscard", image]);
  mount("-o", "loop", image, above);
  return {
    folder: above,
    mend: () => mount("-o", "remount,size=128m", below),
    remove() {
      unmount(above);
      unmount(below);
      rmSync(folder, { recursive: true });
    },
  };
}
