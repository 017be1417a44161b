// Counts as ranges on a scale. A bar ends where the claim does; an arrow says "or more"; nothing is ever summed.
import { countText } from "./basics";
import { number, shortMoment } from "../time";

export interface Bar {
  key: string; min?: number; max?: number; qualifier: string; measure: string; of?: string;
  who: string; at: string; at_ms: number; hint: string;
}

const OPEN = new Set(["at_least", "over", "vague"]);

/** Tens, hundreds, thousands a step: tolls of one war differ by orders of magnitude. */
export const logScale = (top: number) => (n: number): number => Math.log10(1 + Math.max(0, n)) / Math.log10(1 + Math.max(10, top));

export function ticks(top: number): number[] {
  const found = [0, 1];
  for (let n = 10; n <= Math.max(10, top); n *= 10) found.push(n);
  return found;
}

export function RangeBars({ bars, top, label }: { bars: readonly Bar[]; top: number; label: string }) {
  const scale = logScale(top);
  return (
    <div class="ranges" role="group" aria-label={label}>
      <div class="axis" aria-hidden="true"><span /><div>{ticks(top).map((n) => <i key={n} style={{ left: `${scale(n) * 100}%` }}><b>{n >= 1e6 ? `${number(n / 1e6)}M` : n >= 1e4 ? `${n / 1e3}K` : number(n)}</b></i>)}</div></div>
      <ul>
        {bars.map((bar) => {
          const open = OPEN.has(bar.qualifier), low = bar.min ?? 0, high = open ? Math.max(top, low) : bar.max ?? low;
          const from = scale(low) * 100, to = Math.max(scale(high) * 100, from);
          return (
            <li key={bar.key} title={bar.hint}>
              <span class="who"><b>{bar.who}</b> <small>{shortMoment(bar.at)}</small></span>
              <div class="track">
                {ticks(top).map((n) => <i key={n} style={{ left: `${scale(n) * 100}%` }} />)}
                <span class={`bar${open ? " open" : ""}${bar.qualifier === "up_to" ? " upto" : ""}`} style={{ left: `${from}%`, width: `max(7px, ${to - from}%)` }} />
                <span class="value" style={from > 60 ? { right: `${100 - from}%`, paddingRight: "6px" } : { left: `${open ? from : to}%`, paddingLeft: "12px" }}>{countText(bar)}</span>
              </div>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
