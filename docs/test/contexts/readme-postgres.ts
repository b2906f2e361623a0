import pg from 'pg';

export { postOrder } from './readme-sqlite.ts';

/** Pool that connects with its first query. */
export const pool = new pg.Pool({ host: '127.0.0.1' });
