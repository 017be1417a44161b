import type { ComponentChildren } from "preact";
import type { Loaded } from "../api";
import { token } from "../api";
import { corners, familyOf, words } from "../kinds";
import { number } from "../time";
import { go, href } from "../url";

/** A link within the page: a real address, so that it can be opened in a tab of its own. */
export function Go({ to, children, class: name, label, current }: { to: Record<string, string | null>; children: ComponentChildren; class?: string; label?: string; current?: boolean }) {
  return (
    <a href={href(to)} class={name} aria-label={label} aria-current={current ? "page" : undefined} onClick={(e) => {
      if (e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
      e.preventDefault();
      go(to);
    }}>{children}</a>
  );
}

export function Glyph({ kind, hollow = false, size = 16 }: { kind: string; hollow?: boolean; size?: number }) {
  const family = familyOf(kind), points = corners(family.shape, 8, 8, 5.6);
  const style = hollow ? { fill: "none", stroke: `var(--f-${family.id})`, "stroke-width": "2" } : { fill: `var(--f-${family.id})` };
  return (
    <svg class="glyph" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      {points ? <polygon points={points.map((p) => p.join(",")).join(" ")} {...style} /> : <circle cx="8" cy="8" r="5.6" {...style} />}
    </svg>
  );
}

export function Kind({ kind, contested = false }: { kind: string; contested?: boolean }) {
  return <span class="kind"><Glyph kind={kind} hollow={contested} />{words(kind)}</span>;
}

export const Contested = () => <span class="badge contested">contested</span>;

/** What stands where data will: loading, the error with a way on, emptiness with its reason, or the data. */
export function Shown<T>({ of, empty, emptyText, children }: { of: Loaded<T>; empty: (data: T) => boolean; emptyText: ComponentChildren; children: (data: T) => ComponentChildren }) {
  const { data, error, loading } = of;
  if (data === null) return error ? <Trouble of={of} /> : <Loading />;
  return (
    <div class={loading ? "stale" : ""} aria-busy={loading}>
      {error && <Trouble of={of} />}
      {empty(data) ? <div class="empty">{emptyText}</div> : children(data)}
    </div>
  );
}

/** Where a view can't hold all that matches, it says so before anything else. */
export const Cut = ({ children }: { children: ComponentChildren }) => <p class="cut" role="note">{children}</p>;

export const Loading = () => (
  <div class="loading" role="status"><span class="sr">Loading</span><i /><i /><i /></div>
);

export function Trouble<T>({ of }: { of: Loaded<T> }) {
  const { error, again } = of;
  if (!error) return null;
  return (
    <div class="trouble" role="alert">
      <strong>{error.title}</strong> {error.message}
      {error.status === 401 && <TokenForm again={again} />}
      <button type="button" onClick={again}>Try again</button>
    </div>
  );
}

function TokenForm({ again }: { again: () => void }) {
  return (
    <form onSubmit={(e) => {
      e.preventDefault();
      token.set(String(new FormData(e.currentTarget).get("token") ?? ""));
      again();
    }}>
      <label>Token <input name="token" type="password" autocomplete="off" required /></label>
      <button type="submit">Use it</button>
    </form>
  );
}

/** "7 to 20 killed, or more" */
export function rangeText(low: number, high: number | undefined, open: boolean, measure: string): string {
  const said = high === undefined || high === low ? number(low) : `${number(low)} to ${number(high)}`;
  return `${said} ${words(measure).toLowerCase()}${open ? ", or more" : ""}`;
}

export function countText(c: { min?: number; max?: number; qualifier: string; measure: string; of?: string }): string {
  const lead: Record<string, string> = { at_least: "at least ", over: "over ", up_to: "up to ", about: "about ", vague: "some " };
  const said = c.min !== undefined && c.max !== undefined && c.min !== c.max ? `${number(c.min)} to ${number(c.max)}` : number(c.max === undefined || c.qualifier === "at_least" || c.qualifier === "over" ? c.min ?? c.max ?? 0 : c.max);
  return `${lead[c.qualifier] ?? ""}${said} ${c.measure}`;
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${number(n)} ${n === 1 ? one : many}`;

/** Only addresses of the web become links: report data is hostile input. */
export function WebLink({ url, children }: { url: string | undefined; children: ComponentChildren }) {
  if (!url || !/^https?:\/\//i.test(url)) return null;
  return <a href={url} target="_blank" rel="noopener noreferrer nofollow">{children}</a>;
}
