import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { get, useAnswer } from "../api";
import { corners, familyOf, words } from "../kinds";
import { Go, Kind, plural, Shown } from "../parts/basics";
import { clock, HOUR_MS, iso, moment, ms, number, shortDay, shortMoment } from "../time";
import type { Page, TimelineBins, TimelineEntry } from "../types";
import { filtersOf, go, useParams } from "../url";

/** More are counted in bins; so many marks can be told apart. */
const LIMIT = 1_000;
const COLUMNS = 60, BIN_ROWS = 30;
const ROWS_MAX = 200;
const WIDE = 1000, HIGH = 420, LEFT = 74, RIGHT = 14, TOP = 26, BOTTOM = 40;
const DAY_MS = 24 * HOUR_MS;

/** `known`: what was known by then, all of it or the newest; `events` says how many there are. */
interface Both { known: TimelineEntry[]; events: number; all: TimelineEntry[]; allEvents: number; bins: TimelineBins | null }

export function Timeline({ pulse }: { pulse: number }) {
  const p = useParams(), filters = filtersOf(p), asOf = p["as_of"];
  const unbounded = filters.filter(([name]) => name !== "as_of" && name !== "from" && name !== "to");
  const found = useAnswer(`timeline ${JSON.stringify(filters)}`, async (signal): Promise<Both> => {
    const list = (query: [string, string][], limit: number): Promise<Page<TimelineEntry>> => get("/v1/timeline", [...query, ["limit", String(limit)], ["order", "newest"]], signal);
    const count = (query: [string, string][], columns: number, rows: number): Promise<TimelineBins> => get("/v1/timeline/bins", [...query, ["columns", String(columns)], ["rows", String(rows)]], signal);
    const same = filters.length === unbounded.length;
    const bins = await count(unbounded, COLUMNS, BIN_ROWS), known = await list(filters, bins.events > LIMIT ? ROWS_MAX : LIMIT);
    if (bins.events <= LIMIT) {
      const all = same ? known : await list(unbounded, LIMIT);
      return { known: known.items, events: known.items.length, all: all.items, allEvents: all.items.length, bins: null };
    }
    const events = same ? bins.events : known.next ? (await count(filters, 1, 1)).events : known.items.length;
    return { known: known.items, events, all: [], allEvents: bins.events, bins };
  }, asOf ? 0 : pulse);
  return (
    <section class="page">
      <h1>Timeline</h1>
      <p class="lead">Across: when it happened. Up: when it was reported. What lies on the diagonal was reported at once; the higher above it, the later. Drag across to choose a span of time: the map and every list follow it.</p>
      <Shown of={found} empty={(d) => d.allEvents === 0} emptyText="No event matches.">
        {(data) => <><Chart data={data} />{data.bins && <p class="note">{plural(data.allEvents, "event")} are too many for a mark each: a square counts those that happened and were reported at about the same time, in the colour of most of them, the larger the more. None is left out; those from long before or after stand in the first and last column.</p>}<Span /><Rows data={data} /></>}
      </Shown>
    </section>
  );
}

function Chart({ data }: { data: Both }) {
  const p = useParams(), svg = useRef<SVGSVGElement>(null), [drag, setDrag] = useState<[number, number] | null>(null);
  const known = useMemo(() => new Set(data.known.map((e) => e.event_id)), [data]);
  const range = useMemo(() => {
    if (data.bins) return { x0: ms(data.bins.happened.start), x1: ms(data.bins.happened.end), y0: ms(data.bins.reported.start), y1: ms(data.bins.reported.end) };
    const at = data.all.map((e) => ms(e.at)).sort((a, b) => a - b), told = data.all.map((e) => ms(e.reported_at)).sort((a, b) => a - b);
    const cut = Math.floor(at.length * 0.04);
    const x0 = (at[cut] ?? 0) - 3 * HOUR_MS, x1 = Math.max(at[at.length - 1 - cut] ?? 0, told[told.length - 1] ?? 0) + 3 * HOUR_MS;
    return { x0, x1, y0: (told[0] ?? 0) - 3 * HOUR_MS, y1: (told[told.length - 1] ?? 0) + 3 * HOUR_MS };
  }, [data]);
  const x = (t: number): number => LEFT + ((Math.max(range.x0, Math.min(range.x1, t)) - range.x0) / Math.max(1, range.x1 - range.x0)) * (WIDE - LEFT - RIGHT);
  const y = (t: number): number => HIGH - BOTTOM - ((Math.max(range.y0, Math.min(range.y1, t)) - range.y0) / Math.max(1, range.y1 - range.y0)) * (HIGH - TOP - BOTTOM);
  const timeAt = (clientX: number): number => {
    const box = svg.current?.getBoundingClientRect();
    if (!box) return range.x0;
    const units = ((clientX - box.left) / box.width) * WIDE;
    return range.x0 + ((units - LEFT) / (WIDE - LEFT - RIGHT)) * (range.x1 - range.x0);
  };
  const days = (from: number, to: number): number[] => {
    const step = Math.max(1, Math.ceil((to - from) / DAY_MS / 8)) * DAY_MS, found: number[] = [];
    for (let t = Math.ceil(from / DAY_MS) * DAY_MS; t <= to; t += step) found.push(t);
    return found;
  };
  const chosen: [number, number] | null = drag ?? (p["from"] || p["to"] ? [p["from"] ? ms(p["from"]) : range.x0, p["to"] ? ms(p["to"]) : range.x1] : null);
  const asOf = p["as_of"] ? ms(p["as_of"]) : null, low = Math.max(range.x0, range.y0), high = Math.min(range.x1, range.y1);
  const scroll = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => { scroll.current?.scrollTo({ left: scroll.current.scrollWidth }); }, []); // on a phone: the newest first
  return (
    <div class="chart" ref={scroll} tabIndex={0} role="group" aria-label="Events by when they happened and when they were reported. The table below holds the same.">
      <svg ref={svg} viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={`${data.events} events known, of ${data.allEvents} in all`}
        onPointerDown={(e) => { if (e.pointerType === "touch") return; e.currentTarget.setPointerCapture(e.pointerId); const t = timeAt(e.clientX); setDrag([t, t]); }}
        onPointerMove={(e) => { if (drag) setDrag([drag[0], timeAt(e.clientX)]); }}
        onPointerUp={() => {
          if (!drag) return;
          const [a, b] = [Math.min(...drag), Math.max(...drag)];
          setDrag(null);
          if (b - a > (range.x1 - range.x0) / 200) go({ from: iso(Math.round(a / 60_000) * 60_000), to: iso(Math.round(b / 60_000) * 60_000) });
          else go({ from: null, to: null });
        }}>
        {days(range.x0, range.x1).map((t) => <g key={t} class="tick"><line x1={x(t)} x2={x(t)} y1={TOP} y2={HIGH - BOTTOM} /><text x={x(t)} y={HIGH - BOTTOM + 18} text-anchor="middle">{shortDay(t)}</text></g>)}
        {days(range.y0, range.y1).map((t) => <g key={t} class="tick"><line x1={LEFT} x2={WIDE - RIGHT} y1={y(t)} y2={y(t)} /><text x={LEFT - 8} y={y(t) + 4} text-anchor="end">{shortDay(t)}</text></g>)}
        <text class="name" x={WIDE - RIGHT} y={HIGH - 6} text-anchor="end">happened →</text>
        <text class="name" x={6} y={14}>↑ reported</text>
        {high > low && <line class="diagonal" x1={x(low)} y1={y(low)} x2={x(high)} y2={y(high)} />}
        {chosen && <rect class="brush" x={x(Math.min(...chosen))} width={Math.max(1, x(Math.max(...chosen)) - x(Math.min(...chosen)))} y={TOP} height={HIGH - TOP - BOTTOM} />}
        {data.all.map((e) => <Dot key={e.event_id} entry={e} dim={!known.has(e.event_id)} x={x} y={y} />)}
        {data.bins && <Squares bins={data.bins} range={range} asOf={asOf} chosen={chosen} />}
        {asOf !== null && <g class="now"><line x1={LEFT} x2={WIDE - RIGHT} y1={y(asOf)} y2={y(asOf)} /><text x={WIDE - RIGHT - 4} y={y(asOf) - 6} text-anchor="end">known by {shortMoment(asOf)}</text></g>}
      </svg>
    </div>
  );
}

function Squares({ bins, range, asOf, chosen }: { bins: TimelineBins; range: { x0: number; x1: number; y0: number; y1: number }; asOf: number | null; chosen: [number, number] | null }) {
  const wide = (WIDE - LEFT - RIGHT) / COLUMNS, high = (HIGH - TOP - BOTTOM) / BIN_ROWS, most = Math.max(...bins.bins.map((b) => b.events));
  const from = chosen ? Math.min(...chosen) : -Infinity, to = chosen ? Math.max(...chosen) : Infinity;
  return (
    <>
      {bins.bins.map((b) => {
        const side = 3 + (Math.min(wide, high) - 3) * (Math.log1p(b.events) / Math.log1p(most)), x = LEFT + (b.column + 0.5) * wide, y = HIGH - BOTTOM - (b.row + 0.5) * high;
        const kinds = Object.entries(b.kinds).sort((one, other) => other[1] - one[1]), [kind = ""] = kinds[0] ?? [];
        const happened = range.x0 + ((b.column + 0.5) / COLUMNS) * (range.x1 - range.x0), reported = range.y0 + (b.row / BIN_ROWS) * (range.y1 - range.y0);
        const dim = (asOf !== null && reported > asOf) || happened < from || happened > to;
        return (
          <rect key={`${b.column}/${b.row}`} class={dim ? "dim" : ""} x={x - side / 2} y={y - side / 2} width={side} height={side} fill={`var(--f-${familyOf(kind).id})`}>
            <title>{`${plural(b.events, "event")}: ${kinds.slice(0, 4).map(([k, n]) => `${words(k).toLowerCase()} ${number(n)}`).join(", ")}${kinds.length > 4 ? "…" : ""}. Happened about ${shortMoment(happened)}, reported from ${shortMoment(reported)}`}</title>
          </rect>
        );
      })}
    </>
  );
}

function Dot({ entry, dim, x, y }: { entry: TimelineEntry; dim: boolean; x: (t: number) => number; y: (t: number) => number }) {
  const family = familyOf(entry.kind), from = x(ms(entry.at)), to = Math.max(from, x(ms(entry.until))), at = y(ms(entry.reported_at)), mid = (from + to) / 2;
  const points = corners(family.shape, mid, at, 5), hollow = entry.denied_by.length > 0 || entry.kind === "denial";
  const paint = { fill: hollow ? "var(--panel)" : `var(--f-${family.id})`, stroke: hollow ? `var(--f-${family.id})` : "var(--panel)", "stroke-width": hollow ? 2 : 1 };
  return (
    <g class={dim ? "dim" : ""}>
      <title>{`${entry.headline} (${entry.outlet}, ${shortMoment(entry.reported_at)})`}</title>
      {to - from > 12 && <line x1={from} x2={to} y1={at} y2={at} stroke={`var(--f-${family.id})`} stroke-width="2" opacity="0.28" />}
      {points ? <polygon points={points.map((c) => c.map((n) => n.toFixed(1)).join(",")).join(" ")} {...paint} /> : <circle cx={mid} cy={at} r="5" {...paint} />}
    </g>
  );
}

/** The brush for the keyboard and for fingers. */
function Span() {
  const p = useParams(), local = (text: string | undefined): string => (text ? iso(ms(text)).slice(0, 16) : "");
  const set = (name: "from" | "to") => (e: Event): void => {
    const value = (e.currentTarget as HTMLInputElement).value;
    go({ [name]: value ? `${value}:00Z` : null });
  };
  return (
    <form class="span" onSubmit={(e) => e.preventDefault()}>
      <label>Happened from <input type="datetime-local" value={local(p["from"])} onChange={set("from")} /></label>
      <label>to <input type="datetime-local" value={local(p["to"])} onChange={set("to")} /></label>
      <small>UTC</small>
      {(p["from"] ?? p["to"]) && <><button type="button" class="quiet" onClick={() => go({ from: null, to: null })}>Any time</button><Go to={{ view: "situation" }}>See it on the map</Go></>}
    </form>
  );
}

function Rows({ data }: { data: Both }) {
  const rows = data.known.slice(0, ROWS_MAX);
  return (
    <>
      <h2>{plural(data.events, "event")}, latest occurrence first</h2>
      {rows.length === 0 && <p class="empty">Nothing in this span was known by then.</p>}
      <ol class="events">
        {rows.map((e) => (
          <li key={e.event_id}>
            <time dateTime={e.at}>{shortDay(e.at)}<small>{e.precision === "day" || e.precision === "week" || e.precision === "month" ? `that ${e.precision}` : clock(e.at)}</small></time>
            <div>
              <Go to={{ view: "incident", id: `i_${e.event_id.slice(2)}`, report: e.report_id, event: e.event_id }}><Kind kind={e.kind} /> <span>{e.headline}</span></Go>
              <q>{e.quote}</q>
              <small>{e.sources.join(", ")}{e.denied_by.length > 0 && <b> · denied by {e.denied_by.join(", ")}</b>} · {e.outlet}, reported {moment(e.reported_at)}{e.time_from === "publication" ? " · time not said" : e.time_from === "context" ? " · time from context" : ""}</small>
            </div>
          </li>
        ))}
      </ol>
      {data.events > ROWS_MAX && <p class="note">These are the latest {ROWS_MAX} of {number(data.events)}; choose a span or a kind for the others.</p>}
    </>
  );
}
