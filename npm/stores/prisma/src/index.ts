export type { PrismaModel } from './model.ts';
export { prismaEventSink } from './prisma-event-sink.ts';
export type { PrismaEventSinkOptions } from './prisma-event-sink.ts';
