// The public API, as every program calls it. What is looked at again and again is asked for with its ETag.
import { useLayoutEffect, useMemo, useRef, useState } from "./ui.js";

export const ROOT = new URL("../../", import.meta.url);

// An error of the API; `code` is "unreachable" where no answer came.
export class Refused extends Error {
  constructor(error, status) {
    super(error.message);
    this.code = error.code;
    this.field = error.field;
    this.column = error.column;
    this.status = status;
    this.remedies = error.remedies || [];
    this.request = error.request;
  }
}

let signOut = () => {};

// Call `then` when an answer says that nobody is signed in.
export function onSignedOut(then) {
  signOut = then;
}

// A name that is "." or ".." would be a step within the path, and the answer one to another question.
const STEPS = /\/\.{1,2}(?=[/?]|$)/;

async function answerOf(method, path, body, headers) {
  if (STEPS.test(path)) throw new Refused({ code: "not_found", message: "" }, 404);
  let answer;
  try {
    answer = await fetch(new URL(path.replace(/^\//, ""), ROOT), {
      method,
      body,
      headers: { "X-Lepton-Console": "1", ...headers },
      cache: "no-store",
      credentials: "same-origin",
    });
  } catch {
    throw new Refused({ code: "unreachable", message: "" }, 0);
  }
  return answer;
}

async function decoded(answer, path) {
  const text = await answer.text();
  let value;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    throw new Refused({ code: "unreachable", message: "" }, answer.status);
  }
  if (answer.ok) return value;
  if (answer.status === 401 && path !== "/v1/session") signOut();
  throw new Refused(value && value.error ? value.error : { code: "internal", message: "" }, answer.status);
}

export async function call(method, path, body) {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  return decoded(await answerOf(method, path, sent, headers), path);
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);

const kept = new Map();

// The value at a path; the one of before where the server says that it is the same.
async function looked(path) {
  const before = kept.get(path);
  const answer = await answerOf("GET", path, undefined, before ? { "If-None-Match": before.tag } : {});
  if (answer.status === 304 && before) return before.value;
  const value = await decoded(answer, path);
  const tag = answer.headers.get("etag");
  if (kept.size > 100) kept.clear();
  if (tag) kept.set(path, { tag, value });
  return value;
}

// The pages of a list until `enough(page, count)` of the last one and of all items, or to the end: { items, next }. The
// value of before where each page is the same.
async function pagesOf(path, enough) {
  const pages = [];
  let [page, count] = [{ next: "" }, 0];
  do {
    page = await looked(`${path}${page.next && `&after=${encodeURIComponent(page.next)}`}`);
    pages.push(page);
    count += page.items.length;
  } while (page.next && !enough(page, count));
  const before = kept.get(`all ${path}`);
  if (before?.pages.length === pages.length && pages.every((one, i) => one === before.pages[i])) return before.value;
  const value = { items: pages.flatMap((one) => one.items), next: page.next };
  kept.set(`all ${path}`, { pages, value });
  return value;
}

const never = () => false;

// All items of a list. Its path has a question mark.
export const all = async (path) => (await pagesOf(`${path}&limit=1000`, never)).items;

// A list as `useLive` has a value: all of it, or its pages until there is `enough`, which `by` is asked anew. Its path says
// its limit.
export function useList(path, pace, enough = never, by = 0) {
  const read = useMemo(() => (of) => pagesOf(of, enough), [by]);
  return useLive(path, pace, read);
}

// What is at `path` now: { value, error, again }. `pace(value)` says how many seconds to wait before the next look.
export function useLive(path, pace = () => 30, read = looked) {
  const [seen, see] = useState({ path, value: undefined, error: undefined });
  const wanted = useRef(0);
  const look = useRef(() => {});
  useLayoutEffect(() => {
    let ended = false;
    let timer;
    const again = async () => {
      clearTimeout(timer);
      const mine = ++wanted.current;
      let next = 5;
      try {
        const value = path === null ? undefined : await read(path);
        if (ended || mine !== wanted.current) return;
        see((before) => (before.value === value && !before.error && before.path === path ? before : { path, value }));
        next = pace(value);
      } catch (error) {
        if (ended || mine !== wanted.current) return;
        see((before) => ({ path, value: before.path === path ? before.value : undefined, error }));
      }
      timer = setTimeout(again, (document.hidden ? Math.max(next, 60) : next) * 1000);
    };
    const shown = () => !document.hidden && again();
    look.current = again;
    again();
    document.addEventListener("visibilitychange", shown);
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", shown);
    };
  }, [path, read]);
  const fresh = seen.path === path ? seen : { value: undefined, error: undefined };
  return { value: fresh.value, error: fresh.error, again: () => look.current() };
}

// A value that is looked at, and until another one is there that of before: what is typed above a list stays while the
// list is asked for.
export function useLast(live) {
  const last = useRef();
  if (live.value !== undefined) last.current = live.value;
  return { ...live, value: last.current };
}

// Send a file: announce it, send its bytes, and follow it until it is a version. `tell(share)` hears of progress.
export async function upload(dataset, file, announced, tell) {
  const place = await post(`/v1/datasets/${dataset}/upload`, { size: file.size, ...announced });
  const path = `/v1/datasets/${dataset}/upload/${place.id}`;
  await sent(place.url || path, file, tell);
  return followed(path);
}

// Read the file of a version once more, with other options: the next version of the same data set.
export async function readAgain(dataset, version, options) {
  const place = await post(`/v1/datasets/${dataset}/versions/${version}/read`, options);
  return followed(`/v1/datasets/${dataset}/upload/${place.id}`);
}

// The upload at `path`, once it is settled.
export async function followed(path) {
  for (;;) {
    const found = await get(path);
    if (found.state !== "waiting") return found;
    await new Promise((go) => setTimeout(go, 500));
  }
}

// The rows of a file as a prediction takes them: the platform reads it, and keeps nothing of it.
export async function rowsOf(path, file, tell, signal) {
  return JSON.parse(await sent(path, file, tell, signal, "POST"));
}

// Send the bytes of a file to where its announcement says; `signal` stops it.
export function sent(place, file, tell, signal, method = "PUT") {
  const url = new URL(place.replace(/^\//, ""), ROOT);
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    signal?.addEventListener("abort", () => request.abort());
    request.open(method, url);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    if (url.origin === location.origin) request.setRequestHeader("X-Lepton-Console", "1");
    request.upload.onprogress = (event) => event.total && tell(event.loaded / event.total);
    request.onerror = () => fail(new Refused({ code: "unreachable", message: "" }, 0));
    request.onabort = request.onerror;
    request.onload = () => {
      if (request.status < 300) return done(request.responseText);
      let error = { code: "internal", message: request.statusText };
      try {
        error = JSON.parse(request.responseText).error || error;
      } catch {
        // what is no JSON is no error of ours
      }
      fail(new Refused(error, request.status));
    };
    request.send(file);
  });
}
