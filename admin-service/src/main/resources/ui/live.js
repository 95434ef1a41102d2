/** Figures that follow the server, listings of many pages, and state that lives in the address. */
import { api, navigate, query, useCallback, useEffect, useRef, useState } from './kit.js';

/**
 * Asks again and again while the page is seen: `every` ms after each answer, not at all in the background, and at once when the
 * page comes back. What was shown stays until the next answer is here, also when a question fails.
 *
 * @param {() => Promise<any>} load asks once
 * @param {number} every pause in milliseconds; 0: asks once for each change of `about`
 * @param {string} about what is asked for; a change drops the old answer
 * @returns {{value: any, error: Error?, at: number?, reload: () => void}} `at`: when the value came, in milliseconds
 */
export function useLive(load, every, about) {
  const [state, setState] = useState({ about, value: null, error: null, at: null });
  const latest = useRef(load);
  latest.current = load;
  const [round, setRound] = useState(0);
  useEffect(() => {
    let timer = 0;
    let over = false;
    let asking = false;
    let askedAt = 0;
    const ask = async () => {
      clearTimeout(timer);
      if (asking || document.hidden) return;
      asking = true;
      askedAt = Date.now();
      let next;
      try {
        const value = await latest.current();
        next = () => ({ about, value, error: null, at: Date.now() });
      } catch (error) {
        next = (before) => (before.about === about ? { ...before, error } : { about, value: null, error, at: null });
      }
      asking = false;
      if (over) return;
      setState(next);
      if (every > 0) timer = setTimeout(ask, every);
    };
    const seen = () => {
      if (document.hidden) clearTimeout(timer);
      else if (askedAt === 0 || (every > 0 && Date.now() - askedAt >= every)) ask();
      else if (every > 0 && !asking) timer = setTimeout(ask, every - (Date.now() - askedAt));
    };
    document.addEventListener('visibilitychange', seen);
    ask();
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [about, every, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const current = state.about === about ? state : { value: null, error: null, at: null };
  return { value: current.value, error: current.error, at: current.at, reload };
}

/** As {@link useLive}, for one GET. */
export const useLivePath = (path, every = 0) => useLive(() => api('GET', path), every, path);

/** Changes parameters of the page's address; an empty value removes one. "Back" undoes it, and the address can be shared. */
export function changeAddress(some) {
  const now = Object.fromEntries(new URLSearchParams(location.search));
  const next = location.pathname + query({ ...now, ...some });
  if (next !== location.pathname + location.search) navigate(next);
}

const NOTHING = { rows: null, answer: null, next: null, error: null, asking: true };

/**
 * A listing whose pages are asked for one after another, each behind the last row of the one before, so that nothing shows twice.
 *
 * @param {string} path of the listing
 * @param {Object<string, string>} parameters its filters
 * @param {(answer: any) => any[]} rowsOf finds the rows in an answer
 * @param {(answer: any) => string?} nextOf finds the cursor of the following page, or null
 * @returns {{rows: any[]?, answer: any, error: Error?, asking: boolean, more: (() => void)?, again: () => void}} `answer`: the
 *     newest one
 */
export function usePages(path, parameters, rowsOf, nextOf = ({ next }) => next) {
  const about = path + query(parameters);
  const [state, setState] = useState({ about, ...NOTHING });
  const ask = async (after, before) => {
    const put = (found) => setState((now) => (now.about === about ? { about, ...found } : now));
    setState((now) => ({ ...NOTHING, ...(now.about === about && { rows: now.rows, answer: now.answer }), about }));
    try {
      const answer = await api('GET', path + query({ ...parameters, after }));
      put({ rows: [...(before ?? []), ...rowsOf(answer)], answer, next: nextOf(answer) ?? null, error: null, asking: false });
    } catch (error) {
      put({ rows: before, answer: before && current.answer, next: after, error, asking: false });
    }
  };
  useEffect(() => {
    ask(null, null);
  }, [about]);
  const current = state.about === about ? state : NOTHING;
  return {
    rows: current.rows,
    answer: current.answer,
    error: current.error,
    asking: current.asking,
    more: current.next === null || current.asking ? null : () => ask(current.next, current.rows),
    again: () => ask(null, null),
  };
}

const MINUTE = 60_000;
const BUCKET_MS = { minute: MINUTE, hour: 60 * MINUTE, day: 1_440 * MINUTE };

/** The windows that pages offer, each in the buckets that make a readable chart of it. */
export const WINDOWS = {
  '15m': { label: '15 minutes', span: 15 * MINUTE, bucket: 'minute', every: 10_000 },
  '1h': { label: '1 hour', span: 60 * MINUTE, bucket: 'minute', every: 10_000 },
  '24h': { label: '24 hours', span: 1_440 * MINUTE, bucket: 'hour', every: 30_000 },
  '7d': { label: '7 days', span: 7 * 1_440 * MINUTE, bucket: 'hour', every: 60_000 },
  '30d': { label: '30 days', span: 30 * 1_440 * MINUTE, bucket: 'day', every: 60_000 },
  '90d': { label: '90 days', span: 90 * 1_440 * MINUTE, bucket: 'day', every: 60_000 },
};

/**
 * The window that ends with the bucket of now. Both ends lie on buckets, so that a chart's sum is the figure beside it, and the
 * chart moves by whole buckets only.
 *
 * @param {string} bucket another than the window's own; of a longer one, at least two
 */
export function windowNow(key, now = Date.now(), bucket = WINDOWS[key].bucket) {
  const step = BUCKET_MS[bucket];
  const end = (Math.floor(now / step) + 1) * step;
  const start = end - Math.max(WINDOWS[key].span, 2 * step);
  return { bucket, start_time: new Date(start).toISOString(), end_time: new Date(end).toISOString() };
}

/**
 * A series of what adds up, with a point for each bucket of its window: a bucket without one had none.
 *
 * @param {{points: [number, number][]}} series points of seconds since 1970 and a value
 * @param {{bucket: string, start_time: string, end_time: string}} time as of {@link windowNow}
 */
export function filled(series, { bucket, start_time, end_time }) {
  if (series.points.length === 0) return series;
  const known = new Map(series.points);
  const points = [];
  for (let at = Date.parse(start_time); at < Date.parse(end_time); at += BUCKET_MS[bucket]) {
    points.push([at / 1_000, known.get(at / 1_000) ?? 0]);
  }
  return { ...series, points };
}

/** The series of an answer of `/manage/analytics/series` as a chart takes them. Quantiles are known where there were requests only. */
export function drawn({ metric, series }, time) {
  return series.map((one) => ({ ...(metric.startsWith('latency') ? one : filled(one, time)), label: one.label || one.key || 'none' }));
}
