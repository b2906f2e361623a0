import type { CallHandler } from '@nestjs/common';
import { Observable } from 'rxjs';

/** Returns what a handler returns, called inside of `within`: an interceptor that gives the request an async context. */
export function handledIn(within: <T>(run: () => T) => T, next: CallHandler): Observable<unknown> {
  return new Observable((subscriber) => within(() => next.handle().subscribe(subscriber)));
}
