/** Comparisons and small decimals, besides the kit's own formats. */

const UNKNOWN = '–';
const change = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' });
const small = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

const stamp = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false,
});

/** A small decimal, such as an epsilon. */
export const decimal = (value) => (value === null || value === undefined ? UNKNOWN : small.format(value));

/** By how much a figure differs from the one before; null where there is nothing to compare. */
export function trend(now, before) {
  return typeof now !== 'number' || !before || now === before ? null : change.format((now - before) / before);
}

/** part / all, and null without any. */
export const rate = (part, all) => (all > 0 ? part / all : null);

/** The time of day of an instant in milliseconds. */
export const timeOfDay = (ms) => clock.format(ms);

/** An instant in RFC 3339, to the second and without its year. */
export const stampOf = (instant) => stamp.format(new Date(instant)).replace(',', '');
