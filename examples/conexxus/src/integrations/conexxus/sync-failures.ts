import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../prisma/prisma.service.ts';

const FAILED = { eventType: { startsWith: 'conexxus.sync.failed.' } };

/** Reads the rows of failed synchronisations. */
@Injectable()
export class SyncFailures {
  constructor(private readonly prisma: PrismaService) {}

  recent(take: number) {
    return this.prisma.eventLog.findMany({ where: FAILED, orderBy: { timestamp: 'desc' }, take });
  }

  async byOperation(): Promise<Record<string, number>> {
    const groups = await this.prisma.eventLog.groupBy({ by: ['eventType'], where: FAILED, _count: true });
    return Object.fromEntries(groups.map(({ eventType, _count }) => [eventType, _count]));
  }

  since(time: Date) {
    const where = { ...FAILED, timestamp: { gt: time } };
    return this.prisma.eventLog.findMany({ where, orderBy: { timestamp: 'desc' } });
  }
}
