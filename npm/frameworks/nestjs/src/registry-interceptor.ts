import { Inject, Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { BreakerRegistry } from 'fusewire';
import { Observable } from 'rxjs';
import { withRegistry } from './bindings.ts';

/** Interceptor that gives objects which NestJS creates for a request the breakers of its application. */
@Injectable()
export class RegistryInterceptor implements NestInterceptor {
  readonly #registry: BreakerRegistry;

  constructor(@Inject(BreakerRegistry) registry: BreakerRegistry) {
    this.#registry = registry;
  }

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return new Observable((subscriber) => withRegistry(this.#registry, () => next.handle().subscribe(subscriber)));
  }
}
