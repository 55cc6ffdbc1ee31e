/** Which page is open, kept in the address after `#/`, so that back, forward and links work as people expect. */

export const pageNames = [
  'start',
  'cases',
  'datasets',
  'training',
  'detection',
  'triage',
  'models',
  'settings',
] as const;
export type PageName = (typeof pageNames)[number];

/** `detail`: a thing within the item, such as a picture of a case. */
export type Route = { page: PageName; item: string | null; detail: string | null };

const part = (text: string | undefined): string | null => {
  try {
    return text ? decodeURIComponent(text) : null;
  } catch {
    return null; // an address that somebody cut short
  }
};

/** Reads `#/page/item/detail`. Anything else, such as an unknown page, is the start page. */
export function parseRoute(hash: string): Route {
  const [, name = '', item, detail] = hash.replace(/^#/, '').split('/');
  const page = pageNames.find((known) => known === name) ?? 'start';
  return { page, item: part(item), detail: part(detail) };
}

/** The address of a page, for `href`. */
export const routeHref = (page: PageName, item?: string | null, detail?: string | null): string =>
  `#/${[page, ...(item ? [item, ...(detail ? [detail] : [])] : [])].map(encodeURIComponent).join('/')}`;

export class Router {
  route = $state.raw<Route>({ page: 'start', item: null, detail: null });
  /** Where each page was left, so that coming back to it finds what was open. */
  readonly #left: Partial<Record<PageName, string>> = $state({});

  /** Follows the address bar until the returned function is called. */
  listen(): () => void {
    const read = () => this.#show(parseRoute(location.hash));
    read();
    window.addEventListener('hashchange', read);
    return () => window.removeEventListener('hashchange', read);
  }

  /** Where a link to a page leads: to where it was left, and from the page itself to its beginning. */
  entrance(page: PageName): string {
    return page === this.route.page ? routeHref(page) : (this.#left[page] ?? routeHref(page));
  }

  go(page: PageName, item?: string | null, detail?: string | null): void {
    location.hash = routeHref(page, item, detail);
  }

  /** As `go`, without a new entry in the history. */
  replace(page: PageName, item?: string | null, detail?: string | null): void {
    history.replaceState(null, '', routeHref(page, item, detail));
    this.#show({ page, item: item ?? null, detail: detail ?? null });
  }

  #show(route: Route): void {
    this.route = route;
    this.#left[route.page] = routeHref(route.page, route.item, route.detail);
  }
}
