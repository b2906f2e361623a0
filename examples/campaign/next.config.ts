import type { NextConfig } from 'next';

const config: NextConfig = {
  // The root of the project, if a folder above it has a lock file too.
  turbopack: { root: import.meta.dirname },
  outputFileTracingRoot: import.meta.dirname,
  // Databases and queues are packages of Node, which no bundler needs to see.
  serverExternalPackages: [
    '@electric-sql/pglite',
    '@fusewire/postgres',
    '@fusewire/sqlite',
    'better-sqlite3',
    'ioredis',
  ],
  poweredByHeader: false,
};

export default config;
