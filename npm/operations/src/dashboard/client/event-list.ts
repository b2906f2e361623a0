import { h } from './dom.ts';
import { fullTime, time } from '../../display/format.ts';
import type { OperationsEvent, Source } from '../../display/model.ts';

/** Returns the element of one event of the log. */
export function eventElement(event: OperationsEvent, source: Source | undefined, now: number): HTMLElement {
  const details = Object.keys(event.details).length > 0 && JSON.stringify(event.details, undefined, 2);
  return h(
    'li',
    { class: 'event', 'data-severity': event.severity, 'data-kind': event.kind },
    h('time', { datetime: new Date(event.time).toISOString(), title: fullTime(event.time) }, time(event.time, now)),
    h('span', { class: 'kind' }, event.kind),
    h(
      'span',
      { class: 'summary' },
      event.summary,
      event.kind === 'administration' && event.reason !== null && h('q', {}, event.reason),
    ),
    source !== undefined && source.name !== '' && h('span', { class: 'source' }, source.name),
    details !== false && h('details', {}, h('summary', {}, 'Details'), h('pre', {}, details)),
  );
}
