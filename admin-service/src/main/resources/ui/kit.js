/**
 * What pages are made of. A page is a module that calls `route(path, Page, {title, nav, role})` once and is named in
 * pages/index.js; it imports from here and nowhere else.
 */
export { html, render, hooks, Component, createContext } from './kit/core.js';
export {
  useState, useReducer, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useContext,
} from './kit/core.js';
export { api, apiFull, ApiError, useApi, query } from './kit/api.js';
export { route, navigate, useLocation, link } from './kit/router.js';
export { useSession, can } from './kit/session.js';
export {
  Badge, Time, Money, Count, Copyable, EmptyState, ErrorBox, Pager, Tabs, Loading, Page, Card, Facts, Meter,
} from './kit/parts.js';
export { Table } from './kit/table.js';
export { Form, Field, Button, useForm } from './kit/form.js';
export { Dialog, Confirm, Toast, toast } from './kit/overlay.js';
export { Chart } from './kit/chart.js';
export { count, money, duration, bytes, when, ago, percent } from './kit/text.js';
