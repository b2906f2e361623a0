import type { EventLog } from '../events/log.ts';

/** Event log as far as the management API uses it. */
export type AuditLog = Pick<EventLog, 'record' | 'tail' | 'follow'>;
