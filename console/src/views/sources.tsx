import { get, useAnswer } from "../api";
import { Cut, Go, plural, Shown } from "../parts/basics";
import { number } from "../time";
import type { Relation, Voice } from "../types";
import { filtersOf, useParams } from "../url";

interface Answer { items: Voice[]; incidents_compared: number; complete: boolean }
const LISTED_MAX = 120;
const COMPARED_MAX = "1000";

export function Sources({ pulse }: { pulse: number }) {
  const p = useParams(), filters = filtersOf(p);
  const found = useAnswer(`sources ${JSON.stringify(filters)}`, (signal) => get<Answer>("/v1/sources", [...filters, ["among", COMPARED_MAX]], signal), p["as_of"] ? 0 : pulse);
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
              {d.complete ? <p class="note">{plural(d.incidents_compared, "incident")} compared: all that match.</p>
                : <Cut>The latest {number(d.incidents_compared)} incidents are compared; more match. Choose a span of time on the <Go to={{ view: "timeline" }}>timeline</Go>, kinds or words to see how it stands in theirs.</Cut>}
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
                            <td><span class="mini"><span><i style={{ width: `${(v.incidents / top) * 100}%` }} /></span><b>{number(v.incidents)}</b></span></td>
                            <td>{v.shared ? `${number(v.first)} of ${number(v.shared)}` : "–"}</td>
                            <td class="names"><Names of={v.agrees_with} /></td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </div>
                  {d.items.length > LISTED_MAX && <p class="note">The {LISTED_MAX} most heard of {plural(d.items.length, "source")}; the <a href="/v1/sources">JSON</a> has all.</p>}
                </section>
                <section>
                  <h2>Who stands against whom</h2>
                  {against.length === 0 ? <p class="empty small">No source denies or contradicts another.</p> : (
                    <ul class="against">
                      {against.slice(0, LISTED_MAX).map(({ a, how, r }) => <li key={`${a}${how}${r.name}`}><b>{a}</b> <span class={how}>{how}</span> <b>{r.name}</b> <small>{plural(r.incidents, "incident")}</small></li>)}
                    </ul>
                  )}
                  {against.length > LISTED_MAX && <p class="note">The {LISTED_MAX} most frequent of {number(against.length)} pairs.</p>}
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
