/** Numbers and times as people read them. Every function takes null for "unknown" and then returns an en dash. */
const UNKNOWN = '–';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const stamp = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric', month: 'short', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false,
});
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'long' });

/** A number of things; from a million on in short form unless `exact`. */
export function count(value, { exact = false } = {}) {
  if (value === null || value === undefined) {
    return UNKNOWN;
  }
  return exact || Math.abs(value) < 1e6 ? whole.format(value) : compact.format(value);
}

/** US dollars: two decimals, and up to six where the amount is below a cent. */
export function money(usd) {
  if (usd === null || usd === undefined) {
    return UNKNOWN;
  }
  const amount = Number(usd);
  const digits = amount !== 0 && Math.abs(amount) < 0.01 ? 6 : Math.abs(amount) < 1 ? 4 : 2;
  return amount.toLocaleString('en-US', {
    style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: digits,
  });
}

/** Milliseconds as 12 ms, 1.24 s, 3 min 5 s, 2 h 5 min, 3 d 4 h. */
export function duration(ms) {
  if (ms === null || ms === undefined) {
    return UNKNOWN;
  }
  if (ms < 1) {
    return `${Number(ms).toFixed(2)} ms`;
  }
  if (ms < 1000) {
    return `${Math.round(ms)} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  }
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) {
    return `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Bytes in binary units. */
export function bytes(value) {
  if (value === null || value === undefined) {
    return UNKNOWN;
  }
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 1 : 0)} ${units[unit]}`;
}

/** A share between 0 and 1. */
export function percent(share) {
  return share === null || share === undefined || Number.isNaN(share)
    ? UNKNOWN
    : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 2 : 1)} %`;
}

function date(time) {
  if (time === null || time === undefined || time === '') {
    return null;
  }
  const parsed = typeof time === 'number' ? new Date(time * 1000) : new Date(time);
  return Number.isNaN(parsed.getTime()) ? null : parsed;
}

/** A time of the reader's own zone; takes RFC 3339 text or seconds since 1970. */
export function when(time) {
  const parsed = date(time);
  return parsed === null ? UNKNOWN : stamp.format(parsed);
}

/** How long ago, or in how long: 3 minutes ago, in 30 days; months from the third on. */
export function ago(time, now = Date.now()) {
  const parsed = date(time);
  if (parsed === null) {
    return UNKNOWN;
  }
  const seconds = Math.round((parsed.getTime() - now) / 1000);
  for (const [unit, length, from] of [['year', 31_536_000, 63_072_000], ['month', 2_592_000, 7_776_000],
    ['day', 86_400, 172_800], ['hour', 3_600, 7_200], ['minute', 60, 60]]) {
    if (Math.abs(seconds) >= from) {
      return relative.format(Math.trunc(seconds / length), unit);
    }
  }
  return Math.abs(seconds) < 10 ? 'just now' : relative.format(seconds, 'second');
}

/** The instant in RFC 3339, for `datetime` attributes; null when there is none. */
export function instant(time) {
  return date(time)?.toISOString() ?? null;
}
