import { get, useAnswer } from "../api";
import { Go, plural, Shown } from "../parts/basics";
import type { Relation, Voice } from "../types";
import { filtersOf, useParams } from "../url";

interface Answer { items: Voice[]; incidents_compared: number; complete: boolean }
const LISTED_MAX = 120;

export function Sources({ pulse }: { pulse: number }) {
  const p = useParams(), filters = filtersOf(p);
  const found = useAnswer(`sources ${JSON.stringify(filters)}`, (signal) => get<Answer>("/v1/sources", filters, signal), p["as_of"] ? 0 : pulse);
  return (
    <section class="page">
      <h1>Sources</h1>
      <p class="lead">Who tells of how much, who is first with what others tell too, and who stands against whom. An outlet is a source where it names none.</p>
      <Shown of={found} empty={(d) => d.items.length === 0} emptyText="No source matches.">
        {(d) => {
          const top = Math.max(1, ...d.items.map((v) => v.incidents));
          const against = d.items.flatMap((v) => [...v.denies.map((r) => ({ a: v.name, how: "denies", r })), ...v.contradicts.filter((r) => v.name < r.name).map((r) => ({ a: v.name, how: "contradicts", r }))]).sort((a, b) => b.r.incidents - a.r.incidents);
          return (
            <>
              <p class="note">{plural(d.incidents_compared, "incident")} compared{d.complete ? "" : "; more match, narrow the filters"}.</p>
              <div class="two">
                <section>
                  <h2>Who reports</h2>
                  <div class="table" tabIndex={0} role="region" aria-label="Sources">
                    <table>
                      <thead><tr><th scope="col">Source</th><th scope="col">Incidents</th><th scope="col">First, of shared</th><th scope="col">Agrees with</th></tr></thead>
                      <tbody>
                        {d.items.slice(0, LISTED_MAX).map((v) => (
                          <tr key={v.name}>
                            <th scope="row"><Go to={{ view: "timeline", source: v.name }}>{v.name}</Go></th>
                            <td><span class="mini"><i style={{ width: `${(v.incidents / top) * 100}%` }} /><b>{v.incidents}</b></span></td>
                            <td>{v.shared ? `${v.first} of ${v.shared}` : "–"}</td>
                            <td><Names of={v.agrees_with} /></td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </div>
                </section>
                <section>
                  <h2>Who stands against whom</h2>
                  {against.length === 0 ? <p class="empty small">No source denies or contradicts another.</p> : (
                    <ul class="against">
                      {against.slice(0, LISTED_MAX).map(({ a, how, r }) => <li key={`${a}${how}${r.name}`}><b>{a}</b> <span class={how}>{how}</span> <b>{r.name}</b> <small>{plural(r.incidents, "incident")}</small></li>)}
                    </ul>
                  )}
                </section>
              </div>
            </>
          );
        }}
      </Shown>
    </section>
  );
}

const Names = ({ of }: { of: readonly Relation[] }) => <>{of.length ? of.slice(0, 4).map((r) => `${r.name}${r.incidents > 1 ? ` (${r.incidents})` : ""}`).join(", ") : "–"}{of.length > 4 && ` and ${of.length - 4} more`}</>;
