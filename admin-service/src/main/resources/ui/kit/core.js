/** Preact, its hooks and htm as one import, so that only this module names the vendored file. */
import * as preact from '../vendor/htm-preact.js';

export const { html, render, Component, createContext } = preact;
export const {
  useState, useReducer, useEffect, useLayoutEffect, useRef, useImperativeHandle, useMemo, useCallback, useContext,
  useErrorBoundary,
} = preact;

/** All hooks by name. */
export const hooks = {
  useState, useReducer, useEffect, useLayoutEffect, useRef, useImperativeHandle, useMemo, useCallback, useContext,
  useErrorBoundary,
};

let ids = 0;

/** An id that no other element has, the same for as long as the component lives. */
export function useId(prefix) {
  const [id] = useState(() => `${prefix}-${++ids}`);
  return id;
}

/**
 * A value that components may watch.
 *
 * @template T
 * @param {T} initial
 */
export function store(initial) {
  let value = initial;
  const watchers = new Set();
  return {
    get: () => value,
    set(next) {
      value = next;
      watchers.forEach((watch) => watch(next));
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/** The value of a store, with a new rendering whenever it changes. */
export function useStore(watched) {
  const [value, setValue] = useState(watched.get());
  useEffect(() => {
    setValue(watched.get());
    return watched.watch((next) => setValue(next));
  }, [watched]);
  return value;
}
