import pg from 'pg';

export { postOrder } from './readme-sqlite.ts';

/** It connects when it is first used. */
export const pool = new pg.Pool({ host: '127.0.0.1' });
