/**
 * What a page can try against a server of another origin. Each attack runs in the page, on its own: it can use nothing of this
 * file but what it is given.
 *
 * @module
 */

/** One attack. */
export interface Attack {
  readonly name: string;
  /**
   * What it is after: `read` asks for an answer, `load` for something to show or run, `stream` and `socket` to be told, `write` to
   * have something taken.
   */
  readonly aim: "read" | "load" | "stream" | "socket" | "write";
  /** Runs in the page and returns what it could read, or nothing. `how` tells it from others that do nearly the same. */
  readonly run: (given: { readonly url: string; readonly how: string }) => Promise<string>;
  readonly how: string;
}

function attack(aim: Attack["aim"], name: string, how: string, run: Attack["run"]): Attack {
  return { name: `${name} ${how}`.trim(), aim, how, run };
}

const fetchText: Attack["run"] = ({ url, how }) => {
  const ways: Record<string, RequestInit> = {
    "with credentials": { credentials: "include" },
    "with a preflight": { headers: { "x-page": "1" } },
    "without leave": { mode: "no-cors" },
  };
  return fetch(url, ways[how] ?? {}).then((answer) => answer.text(), () => "");
};

const readByXhr: Attack["run"] = ({ url }) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.onloadend = () => resolve(request.responseText);
    request.open("GET", url);
    request.send();
  });

const loadElement: Attack["run"] = ({ url, how }) =>
  new Promise((resolve) => {
    const attributes: Record<string, object> = {
      script: { src: url },
      img: { src: url },
      link: { rel: "stylesheet", href: url },
      iframe: { src: url },
      object: { data: url },
    };
    const element = Object.assign(document.createElement(how), attributes[how]);
    element.onload = () => {
      // A frame tells that it has loaded whatever it shows, so what counts is whether it can be looked into.
      const frame: unknown = Reflect.get(element, "contentDocument");
      const isFrame = how === "iframe" || how === "object";
      resolve(isFrame ? (frame instanceof Document ? frame.documentElement.outerHTML : "") : `the ${how} was taken`);
    };
    element.onerror = () => resolve("");
    document.body.append(element);
  });

const importModule: Attack["run"] = ({ url }) => import(url).then(() => "the module was taken", () => "");

const listen: Attack["run"] = ({ url }) =>
  new Promise((resolve) => {
    const source = new EventSource(url);
    const end = (text: string) => {
      source.close();
      resolve(text);
    };
    source.addEventListener("pet", ({ data }) => end(data));
    source.addEventListener("snapshot", ({ data }) => end(data));
    source.onerror = () => end(source.readyState === EventSource.CLOSED ? "" : "the stream would be tried again");
  });

const connect: Attack["run"] = ({ url }) =>
  new Promise((resolve) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    const heard: unknown[] = [];
    socket.onmessage = ({ data }) => {
      heard.push(data);
      if (String(data).includes("secret")) resolve(heard.join());
    };
    socket.onclose = () => resolve(heard.join());
  });

/** What is posted is an event of v0, an event of v1 and a pet, as far as its form lets it be. */
const fetchPost: Attack["run"] = ({ url, how }) => {
  const json = '{"kind":"PreToolUse","sessionId":"attack","slug":"attack"}';
  const fields = { kind: "PreToolUse", sessionId: "attack", slug: "attack" };
  const parts = new FormData();
  parts.append("attack", json);
  const ways: Record<string, RequestInit> = {
    "JSON": { headers: { "content-type": "application/json" }, body: json },
    "text without leave": { mode: "no-cors", body: json },
    "bytes without leave": { mode: "no-cors", body: new Blob([json]) },
    "JSON in bytes without leave": { mode: "no-cors", body: new Blob([json], { type: "application/json" }) },
    "a form without leave": { mode: "no-cors", body: new URLSearchParams(fields) },
    "parts without leave": { mode: "no-cors", body: parts },
    "text that outlives the page": { mode: "no-cors", keepalive: true, body: json },
  };
  return fetch(url, { method: "POST", ...ways[how] }).then((answer) => answer.text(), () => "");
};

const postByXhr: Attack["run"] = ({ url }) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.onloadend = () => resolve(request.responseText);
    request.open("POST", url);
    request.send('{"kind":"PreToolUse","sessionId":"attack","slug":"attack"}');
  });

const beacon: Attack["run"] = ({ url, how }) => {
  const json = '{"kind":"PreToolUse","sessionId":"attack","slug":"attack"}';
  const ways: Record<string, BodyInit> = {
    "text": json,
    "bytes": new Blob([json]),
    "JSON": new Blob([json], { type: "application/json" }),
    "a form": new URLSearchParams({ slug: "attack" }),
  };
  navigator.sendBeacon(url, ways[how]);
  return Promise.resolve("");
};

const submit: Attack["run"] = ({ url, how }) =>
  new Promise((resolve) => {
    const name = `answer-${Math.random()}`;
    const frame = Object.assign(document.createElement("iframe"), { name });
    document.body.append(frame);
    const form = Object.assign(document.createElement("form"), { method: "POST", action: url, target: name, enctype: how });
    // As text this is JSON: the name of the field, `=`, its value.
    const field = { name: '{"kind":"PreToolUse","sessionId":"attack","slug":"attack","x":"', value: '"}' };
    form.append(Object.assign(document.createElement("input"), field));
    document.body.append(form);
    frame.onload = () => resolve(frame.contentDocument?.body.textContent ?? "");
    form.submit();
  });

/** All attacks. */
export const ATTACKS: readonly Attack[] = [
  ...["", "with credentials", "with a preflight"].map((how) => attack("read", "fetch", how, fetchText)),
  attack("read", "XMLHttpRequest", "", readByXhr),
  attack("load", "fetch", "without leave", fetchText),
  ...["script", "img", "link", "iframe", "object"].map((how) => attack("load", "an element", how, loadElement)),
  attack("load", "a module", "", importModule),
  attack("stream", "an EventSource", "", listen),
  attack("socket", "a WebSocket", "", connect),
  ...[
    "JSON",
    "text without leave",
    "bytes without leave",
    "JSON in bytes without leave",
    "a form without leave",
    "parts without leave",
    "text that outlives the page",
  ].map((how) => attack("write", "fetch of", how, fetchPost)),
  attack("write", "XMLHttpRequest of text", "", postByXhr),
  ...["text", "bytes", "JSON", "a form"].map((how) => attack("write", "a beacon of", how, beacon)),
  ...["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"].map((how) =>
    attack("write", "a form", how, submit)
  ),
];
