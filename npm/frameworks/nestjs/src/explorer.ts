import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import { closeIdleUntilClosed } from '@fusewire/operations/server';
import type { IdleServer } from '@fusewire/operations/server';
import { BreakerRegistry } from 'fusewire';
import { addApplication, bindBreakers, isDecorated } from './bindings.ts';
import type { Application } from './bindings.ts';
import { OPTIONS } from './module-options.ts';
import type { CircuitBreakerModuleOptions } from './options.ts';

/** Gives everything that NestJS creates the breakers of its application. */
@Injectable()
export class BreakerExplorer implements Application, OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly registry: BreakerRegistry;
  isInitialised = false;
  readonly #discovery: DiscoveryService;
  readonly #isOurs: boolean;
  readonly #host: HttpAdapterHost;
  readonly #leave: () => void;

  constructor(
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(BreakerRegistry) registry: BreakerRegistry,
    @Inject(OPTIONS) options: CircuitBreakerModuleOptions,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    this.registry = registry;
    this.#host = host;
    this.#discovery = discovery;
    this.#isOurs = options.registry === undefined;
    this.#leave = addApplication(this);
  }

  has(object: object): boolean {
    try {
      for (const its of this.#objects()) if (its === object) return true;
    } catch {
      // NestJS 10 overflows the stack where an object could not be created. That application has not started.
    }
    return false;
  }

  onModuleInit(): void {
    this.isInitialised = true;
    for (const object of this.#objects()) if (isDecorated(object)) bindBreakers(object as object, this.registry);
  }

  beforeApplicationShutdown(): void {
    // NestJS waits for connections that proxies keep open: with Fastify, 72 seconds.
    const server = this.#host.httpAdapter?.getHttpServer() as Partial<IdleServer> | undefined;
    if (typeof server?.closeIdleConnections === 'function') closeIdleUntilClosed(server as IdleServer);
  }

  onApplicationShutdown(): void {
    this.#leave();
    if (this.#isOurs) for (const [, breaker] of this.registry) breaker.dispose();
  }

  /** Returns all objects that are not created for a request. A transient object belongs to the one that it is injected into. */
  *#objects(): Iterable<unknown> {
    for (const wrapper of [...this.#discovery.getProviders(), ...this.#discovery.getControllers()]) {
      yield wrapper.instance;
      if (wrapper.isTransient) for (const its of wrapper.getStaticTransientInstances()) yield its?.instance;
    }
  }
}
