import { Inject, Injectable } from '@nestjs/common';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaClient } from '../../generated/prisma/client.ts';
import { VARIABLES } from '../variables.ts';
import type { Variables } from '../variables.ts';

/** Client of Prisma. `OperationsModule` disconnects it, after the event log has written its last rows. */
@Injectable()
export class PrismaService extends PrismaClient {
  constructor(@Inject(VARIABLES) { DATABASE_URL: url = 'file:./conexxus.db' }: Variables) {
    super({ adapter: new PrismaLibSql({ url }) });
  }
}
