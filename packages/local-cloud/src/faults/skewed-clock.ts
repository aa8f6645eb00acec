/**
 * Loaded before a program (`node --import <this file>?ms=<n>`), in its main thread and its worker
 * threads: its clock is off by n milliseconds, as a machine's is whose time nobody has set. Only
 * what asks for the present is changed; instants and timers are as they are.
 */
const skewMs = Number(new URL(import.meta.url).searchParams.get('ms') ?? 0);
const RealDate = Date;
const now = () => RealDate.now() + skewMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, made) =>
    Reflect.construct(target, args.length > 0 ? args : [now()], made),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
