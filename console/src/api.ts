// Asking the API: one place that knows of tokens, time limits and problem details.
import { useLayoutEffect, useRef, useState } from "preact/hooks";

const ANSWER_S_MAX = 40; // min_position may wait for 30 s
const TOKEN = "tocsin-token";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** The bearer token that the reader gave; kept for this tab alone. */
export const token = {
  get: (): string => sessionStorage.getItem(TOKEN) ?? "",
  set: (value: string): void => sessionStorage.setItem(TOKEN, value),
};

function headers(more: Record<string, string> = {}): Record<string, string> {
  const given = token.get();
  return given ? { ...more, Authorization: `Bearer ${given}` } : more;
}

export async function problemOf(answer: Response): Promise<ApiError> {
  try {
    const problem = (await answer.json()) as { title?: string; detail?: string };
    return new ApiError(answer.status, problem.title ?? answer.statusText, problem.detail ?? "");
  } catch {
    return new ApiError(answer.status, `Answered ${answer.status}`, answer.statusText);
  }
}

async function ask(url: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
  const limit = AbortSignal.timeout(ANSWER_S_MAX * 1000);
  try {
    const answer = await fetch(url, { ...init, signal: signal ? AbortSignal.any([signal, limit]) : limit });
    if (!answer.ok) throw await problemOf(answer);
    return answer;
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error;
    const detail = error instanceof DOMException ? `It did not answer within ${ANSWER_S_MAX} s.` : "There is no connection to the service.";
    throw new ApiError(0, "No answer", detail);
  }
}

type Query = readonly (readonly [string, string])[];

function address(path: string, query: Query): string {
  const text = new URLSearchParams(query.map(([name, value]) => [name, value])).toString();
  return text ? `${path}?${text}` : path;
}

/** What was asked before anything was there to show it; each is taken once. */
const early = new Map<string, Promise<Response>>();

/** Ask now for what `get` will ask for in a moment: the server works while the page is still being made. */
export function askEarly(path: string, query: Query): void {
  const url = address(path, query), answer = ask(url, { headers: headers() });
  answer.catch(() => undefined); // whoever takes it is told
  early.set(url, answer);
}

export async function get<T>(path: string, query: Query = [], signal?: AbortSignal): Promise<T> {
  const url = address(path, query), asked = early.get(url);
  early.delete(url);
  const answer = await (asked ?? ask(url, { headers: headers() }, signal));
  return (await answer.json()) as T;
}

export async function post<T>(url: string, body: unknown, withToken = true): Promise<T> {
  const sent = { "Content-Type": "application/json" };
  const answer = await ask(url, { method: "POST", headers: withToken ? headers(sent) : sent, body: JSON.stringify(body) });
  return (await answer.json()) as T;
}

export function openStream(path: string, last: string | null, signal: AbortSignal): Promise<Response> {
  return fetch(path, { headers: headers(last === null ? {} : { "Last-Event-ID": last }), signal });
}

export interface Loaded<T> {
  /** The last good answer; it stays on the page while the next one is loaded, so that nothing jumps. */
  data: T | null;
  error: ApiError | null;
  loading: boolean;
  again: () => void;
}

/** Ask when `key` changes, or when `pulse` does (the same question again: quietly). */
export function useAnswer<T>(key: string, load: (signal: AbortSignal) => Promise<T>, pulse = 0): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; error: ApiError | null; loading: boolean; key: string }>({
    data: null, error: null, loading: true, key,
  });
  const [tries, setTries] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useLayoutEffect(() => { // not after the paint: the server may begin at once
    const stop = new AbortController();
    setState((was) => (was.loading ? was : { ...was, loading: true }));
    latest.current(stop.signal).then(
      (data) => setState({ data, error: null, loading: false, key }),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const known = error instanceof ApiError ? error : new ApiError(0, "Something went wrong here", String(error));
        setState((was) => ({ data: was.data, error: known, loading: false, key: was.key }));
      },
    );
    return () => stop.abort();
  }, [key, pulse, tries]);
  return { data: state.data, error: state.error, loading: state.loading, again: () => setTries((n) => n + 1) };
}
