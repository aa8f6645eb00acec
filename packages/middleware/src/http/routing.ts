import { type OperationId, ProblemError, ROUTES, type RouteContract } from '@millrace/types';
import type { HttpEvent } from './gateway.ts';

export type AnyRoute = RouteContract & { readonly operationId: OperationId };

/** Every path is served below this; what needs no token also without it. */
export const BASE_PATH = '/v1';

const routes: readonly AnyRoute[] = ROUTES;
const byRouteKey = new Map<string, AnyRoute>(
  routes.flatMap((route) =>
    pathsOf(route.path, route.authenticated).map((path) => [`${route.method} ${path}`, route]),
  ),
);

/** Where a route is served: `/v1/files/{id}`; `/health` and `/v1/health`. */
export function pathsOf(path: string, authenticated: boolean): string[] {
  return authenticated ? [`${BASE_PATH}${path}`] : [path, `${BASE_PATH}${path}`];
}

/**
 * The gateway has matched the path already and says how (`routeKey`), so that there is one matcher.
 * @returns undefined where the gateway knows no route either (`$default`)
 */
export function routeOf(event: HttpEvent): AnyRoute | undefined {
  return byRouteKey.get(event.routeKey);
}

/** Why no route answers: the path is unknown, or it is known with other methods only. */
export function noRoute(event: HttpEvent): ProblemError {
  const allowed = [
    ...new Set(
      [...byRouteKey.keys()]
        .map((routeKey) => routeKey.split(' ') as [string, string])
        .filter(([, path]) => patternOf(path).test(event.rawPath))
        .map(([method]) => method),
    ),
  ];
  if (allowed.length === 0) {
    return new ProblemError('route_not_found', 'See /openapi.json for the routes there are.');
  }
  return new ProblemError('method_not_allowed', `This route takes ${allowed.join(', ')}.`, {
    headers: { allow: allowed.join(', ') },
  });
}

function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => part.replaceAll('.', '\\.'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}

/** For logs: what was asked, without ids. */
export function operationNameOf(event: HttpEvent): string {
  return routeOf(event)?.operationId ?? event.routeKey;
}
