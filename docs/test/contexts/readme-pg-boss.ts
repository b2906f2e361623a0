import { PgBoss } from 'pg-boss';

export { postOrder } from './readme-sqlite.ts';

/** Instance that has not started: no block waits for it. */
export const boss = new PgBoss('postgres://127.0.0.1/orders');
boss.on('error', () => undefined);
