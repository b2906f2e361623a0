import { Logger } from '@nestjs/common';
import { createApp } from './app.ts';

try {
  const app = await createApp();
  await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
  new Logger('Main').log(`Listening at ${await app.getUrl()}`);
} catch (error) {
  new Logger('Main').fatal((error as Error).message);
  process.exitCode = 1;
}
