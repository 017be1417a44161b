// Times are shown in UTC: sources of one conflict sit in several zones, and a link must read the same everywhere.
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const SHORT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC", hourCycle: "h23" });

export const HOUR_MS = 3_600_000;

export const day = (text: string | number): string => DAY.format(new Date(text));
export const shortDay = (text: string | number): string => SHORT.format(new Date(text));
export const clock = (text: string | number): string => CLOCK.format(new Date(text));
export const moment = (text: string | number): string => `${day(text)}, ${clock(text)}`;
export const shortMoment = (text: string | number): string => `${shortDay(text)}, ${clock(text)}`;
export const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
export const ms = (text: string): number => Date.parse(text);

/** When something happened, no finer than it was said. */
export function span(earliest: string, latest: string, dated: boolean): string {
  if (!dated) return `not said; reported ${moment(earliest)}`;
  const from = ms(earliest), to = ms(latest);
  if (to - from <= HOUR_MS / 30) return moment(from);
  if (to - from <= 26 * HOUR_MS && day(from) === day(to - 1)) return to - from >= 23 * HOUR_MS ? day(from) : `${day(from)}, ${clock(from)}–${clock(to)}`;
  if (to - from <= 26 * HOUR_MS) return `${shortMoment(from)} – ${shortMoment(to)}`;
  return `${shortDay(from)} – ${day(to - 1)}`;
}
