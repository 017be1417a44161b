// The bar that goes with every view of the past: what was known when, and which kinds.
import { useEffect, useState } from "preact/hooks";
import { get, useAnswer } from "../api";
import { FAMILIES } from "../kinds";
import { HOUR_MS, iso, moment, ms } from "../time";
import type { Page, TypedEvent } from "../types";
import { go, useParams } from "../url";
import { Glyph } from "./basics";

const TICK_MS = 550;

export interface Extent { first: number; last: number }

/** The first and last instant at which anything was reported, on whole hours. */
export function useExtent(pulse: number): Extent | null {
  const ends = useAnswer("extent", async (signal) => {
    const one = (order: string): Promise<Page<TypedEvent>> => get("/v1/events", [["order", order], ["limit", "1"]], signal);
    const [a, b] = await Promise.all([one("oldest"), one("newest")]);
    const first = a.items[0], last = b.items[0];
    if (!first || !last) return null;
    return { first: Math.floor(ms(first.reported_at) / HOUR_MS) * HOUR_MS, last: Math.ceil(ms(last.reported_at) / HOUR_MS) * HOUR_MS };
  }, pulse);
  return ends.data;
}

export function AsOf({ extent }: { extent: Extent | null }) {
  const p = useParams(), [playing, setPlaying] = useState(false);
  const last = extent?.last ?? 0, first = extent?.first ?? 0, hours = Math.max(1, Math.round((last - first) / HOUR_MS));
  const given = p["as_of"] ? ms(p["as_of"]) : NaN, at = Number.isNaN(given) ? last : Math.max(first, Math.min(last, given));
  const set = (to: number): void => go({ as_of: to >= last ? null : iso(to) }, true);
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      if (at >= last) setPlaying(false);
      else set(at + HOUR_MS);
    }, TICK_MS);
    return () => clearTimeout(timer);
  });
  const play = (): void => {
    if (!playing && at >= last) set(first);
    setPlaying(!playing);
  };
  const known = p["as_of"] !== undefined;
  return (
    <div class={`asof${known ? " past" : ""}`}>
      <button type="button" class="play" onClick={play} disabled={!extent} aria-label={playing ? "Pause the replay" : "Replay hour by hour"}>{playing ? "❚❚" : "▶"}</button>
      <label class="slide">
        <span class="sr">As of: what had been reported by then</span>
        <input type="range" min={0} max={hours} step={1} value={Math.round((at - first) / HOUR_MS)} disabled={!extent}
          aria-valuetext={known ? `as of ${moment(at)} UTC` : "everything reported so far"}
          onInput={(e) => { setPlaying(false); set(first + Number(e.currentTarget.value) * HOUR_MS); }} />
      </label>
      <output>{known ? <><small>as of</small> {moment(at)} <small>UTC</small></> : <><small>as of</small> now, all reports</>}</output>
      {known && <button type="button" class="quiet" onClick={() => { setPlaying(false); go({ as_of: null }); }}>Back to now</button>}
    </div>
  );
}

export function Filters() {
  const p = useParams(), kinds = new Set((p["kind"] ?? "").split(",").filter(Boolean));
  const toggle = (of: readonly string[]): void => {
    const next = new Set(kinds), on = of.every((k) => next.has(k));
    for (const kind of of) if (on) next.delete(kind); else next.add(kind);
    go({ kind: [...next].join(",") || null });
  };
  const some = p["from"] ?? p["to"] ?? p["q"] ?? p["kind"] ?? p["place"] ?? p["actor"] ?? p["source"];
  return (
    <div class="filters">
      <div class="chips" role="group" aria-label="Kinds of incident">
        {FAMILIES.map((family) => {
          const on = family.kinds.every((k) => kinds.has(k));
          return <button type="button" key={family.id} aria-pressed={on} onClick={() => toggle(family.kinds)}><Glyph kind={family.kinds[0] ?? ""} />{family.label}</button>;
        })}
      </div>
      <form role="search" onSubmit={(e) => { e.preventDefault(); go({ q: String(new FormData(e.currentTarget).get("q") ?? "") || null }); }}>
        <label><span class="sr">Words in quotes or names</span><input name="q" type="search" placeholder="Search words" defaultValue={p["q"] ?? ""} key={p["q"]} maxLength={200} /></label>
      </form>
      {p["from"] && <span class="set">from {moment(p["from"])}</span>}
      {p["to"] && <span class="set">to {moment(p["to"])}</span>}
      {some && <button type="button" class="quiet" onClick={() => go({ from: null, to: null, q: null, kind: null, place: null, actor: null, source: null })}>Clear filters</button>}
    </div>
  );
}
