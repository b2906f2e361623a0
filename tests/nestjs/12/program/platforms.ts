/** Applications on both platforms of NestJS. */
import 'reflect-metadata';
import type { INestApplication, Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

const adapters = { Express: () => new ExpressAdapter(), Fastify: () => new FastifyAdapter() };

/** Platform of NestJS. */
export type Platform = keyof typeof adapters;

export const platforms = Object.keys(adapters) as Platform[];

/** Returns an application that does not listen yet, and prints nothing. */
export function create(platform: Platform, module: Type | DynamicModule): Promise<INestApplication> {
  return NestFactory.create(module, adapters[platform](), { logger: false, abortOnError: false });
}

/** Starts an application, and resolves with its address. */
export async function listening(app: INestApplication): Promise<string> {
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  return `http://127.0.0.1:${port}`;
}
