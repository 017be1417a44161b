// All state of the page is in the URL's query, so that a link shows what its sender sees.
import { useEffect, useState } from "preact/hooks";

export const VIEWS = ["situation", "timeline", "casualties", "sources", "live", "operations"] as const;
export type View = (typeof VIEWS)[number] | "incident";

export type Params = Readonly<Record<string, string>>;

function read(): Params {
  return Object.fromEntries(new URLSearchParams(location.search));
}

let current: Params = read();
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

addEventListener("popstate", () => {
  current = read();
  tell();
});

export function href(changes: Record<string, string | null>, base: Params = current): string {
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...base, ...changes })) {
    if (value !== null && value !== "") next.set(name, value);
  }
  const text = next.toString();
  return text ? `/?${text}` : "/";
}

/** Change parameters. `replace` for what changes often (a slider), so that "back" means something. */
export function go(changes: Record<string, string | null>, replace = false): void {
  const url = href(changes);
  if (url === `${location.pathname}${location.search}`) return;
  if (replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  current = read();
  tell();
}

export function params(): Params {
  return current;
}

export function useParams(): Params {
  const [value, setValue] = useState(current);
  useEffect(() => {
    const listener = (): void => setValue(current);
    listeners.add(listener);
    listener();
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return value;
}

export function viewOf(p: Params): View {
  const view = p["view"] ?? "situation";
  return view === "incident" || (VIEWS as readonly string[]).includes(view) ? (view as View) : "situation";
}

/** The filters that every query of the API takes, from the URL. */
export function filtersOf(p: Params): [string, string][] {
  const found: [string, string][] = [];
  for (const name of ["from", "to", "q", "as_of", "actor", "source", "place"] as const) {
    const value = p[name];
    if (value) found.push([name, value]);
  }
  for (const kind of (p["kind"] ?? "").split(",")) if (kind) found.push(["kind", kind]);
  return found;
}
