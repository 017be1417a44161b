import { get, useAnswer } from "../api";
import { words } from "../kinds";
import { countText, Cut, Go, Kind, plural, Shown } from "../parts/basics";
import { RangeBars } from "../parts/ranges";
import { moment, ms, number } from "../time";
import type { LedgerRow, Page } from "../types";
import { filtersOf, go, useParams } from "../url";

const MEASURES = ["killed", "injured", "missing", "captured", "casualties"] as const;
const LIMIT = 1_000;
const BARS_MAX = 30;

/** Whose people, as far as the report says; the words of the count stand in where it names no side. */
function sideOf(r: LedgerRow): string {
  const named = r.side.join(", ");
  const side = named ? named.charAt(0).toUpperCase() + named.slice(1) : r.of ? `Side not said: ${r.of}` : "Side not said";
  return r.group && !side.toLowerCase().includes(r.group) ? `${side} · ${r.group}` : side;
}

export function Casualties({ pulse }: { pulse: number }) {
  const p = useParams(), filters = filtersOf(p);
  const found = useAnswer(`casualties ${JSON.stringify(filters)}`, (signal) => get<Page<LedgerRow>>("/v1/casualties", [...filters, ["limit", String(LIMIT)]], signal), p["as_of"] ? 0 : pulse);
  return (
    <section class="page">
      <h1>Casualties</h1>
      <p class="lead">Each bar is one claim: from its lowest to its highest number, with an arrow where it says “at least”. The scale is logarithmic. Claims overlap and repeat one another, so they are never added up.</p>
      <Shown of={found} empty={(d) => d.items.length === 0} emptyText={p["as_of"] ? "No toll had been reported by then." : filters.length > 0 ? "No report that matches gives a toll." : "No report gives a toll."}>
        {(d) => <Ledger rows={d.items} more={Boolean(d.next)} />}
      </Shown>
    </section>
  );
}

function Ledger({ rows, more }: { rows: readonly LedgerRow[]; more: boolean }) {
  const p = useParams(), there = MEASURES.filter((m) => rows.some((r) => r.measure === m));
  const measure = there.find((m) => m === p["measure"]) ?? there[0] ?? "killed", shown = rows.filter((r) => r.measure === measure);
  const top = Math.max(10, ...shown.flatMap((r) => [r.min ?? 0, r.max ?? 0]));
  const sides = new Map<string, LedgerRow[]>();
  for (const row of shown) sides.set(sideOf(row), [...(sides.get(sideOf(row)) ?? []), row]);
  const ordered = [...sides].sort((a, b) => b[1].length - a[1].length || a[0].localeCompare(b[0]));
  return (
    <>
      {more && <Cut>These are the newest {number(LIMIT)} events that give a toll; earlier ones match too. Choose a span of time on the <Go to={{ view: "timeline" }}>timeline</Go>, kinds or words to see them.</Cut>}
      <div class="chips" role="group" aria-label="Measure">
        {there.map((m) => <button type="button" key={m} aria-pressed={m === measure} onClick={() => go({ measure: m })}>{words(m)} <small>{rows.filter((r) => r.measure === m).length}</small></button>)}
      </div>
      <div class="panels">
        {ordered.map(([side, of]) => (
          <section key={side} class="count">
            <h2>{side} <small>{plural(of.length, "claim")}</small></h2>
            <RangeBars label={`${words(measure)}: ${side}`} top={top} bars={[...of].sort((a, b) => ms(a.reported_at) - ms(b.reported_at)).slice(-BARS_MAX).map((r) => ({
              key: `${r.event_id}${r.ordinal}`, qualifier: r.qualifier, measure: r.measure, ...(r.min === undefined ? {} : { min: r.min }), ...(r.max === undefined ? {} : { max: r.max }),
              who: r.sources.join(", ") || r.outlet, at: r.reported_at, at_ms: ms(r.reported_at), hint: r.quote,
            }))} />
            {of.length > BARS_MAX && <p class="note">The latest {BARS_MAX} of {number(of.length)}; all are in the ledger below.</p>}
          </section>
        ))}
      </div>
      <h2>The ledger <small>{more ? `the newest ${number(LIMIT)} events` : plural(rows.length, "claim")}</small></h2>
      <div class="table" tabIndex={0} role="region" aria-label="Ledger of casualties">
        <table>
          <thead><tr><th scope="col">Reported (UTC)</th><th scope="col">Side</th><th scope="col">Count</th><th scope="col">Who says so</th><th scope="col">Where</th><th scope="col">In words</th></tr></thead>
          <tbody>
            {rows.map((r) => (
              <tr key={`${r.event_id}${r.ordinal}`}>
                <td>{moment(r.reported_at)}</td>
                <td>{sideOf(r)}</td>
                <td class="n">{countText(r)}{r.cumulative && <small>running toll</small>}</td>
                <td>{r.sources.join(", ") || r.outlet}{r.sources.length > 0 && <small>in {r.outlet}</small>}{r.denied_by.length > 0 && <small class="denied">denied by {r.denied_by.join(", ")}</small>}</td>
                <td>{r.places.join(", ")}</td>
                <td><Go to={{ view: "incident", id: `i_${r.event_id.slice(2)}`, report: r.report_id, event: r.event_id }}><Kind kind={r.kind} /></Go> <q>{r.quote}</q></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
