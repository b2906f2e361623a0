import pg from 'pg';

export { postOrder } from './readme-sqlite.ts';

/** Pool that connects on first use. */
export const pool = new pg.Pool({ host: '127.0.0.1' });
