/** Which page is open, kept in the address after `#/`, so that back, forward and links work as people expect. */

export const pageNames = ['start', 'datasets', 'training', 'detection', 'models', 'settings'] as const;
export type PageName = (typeof pageNames)[number];

export type Route = { page: PageName; item: string | null };

/** Reads `#/page/item`. Anything else, such as an unknown page, is the start page. */
export function parseRoute(hash: string): Route {
  const [, name = '', item = ''] = hash.replace(/^#/, '').split('/');
  const page = pageNames.find((known) => known === name) ?? 'start';
  return { page, item: item === '' ? null : decodeURIComponent(item) };
}

/** The address of a page, for `href`. */
export const routeHref = (page: PageName, item?: string | null): string =>
  `#/${page}${item ? `/${encodeURIComponent(item)}` : ''}`;

export class Router {
  route = $state.raw<Route>({ page: 'start', item: null });

  /** Follows the address bar until the returned function is called. */
  listen(): () => void {
    const read = () => {
      this.route = parseRoute(location.hash);
    };
    read();
    window.addEventListener('hashchange', read);
    return () => window.removeEventListener('hashchange', read);
  }

  go(page: PageName, item?: string | null): void {
    location.hash = routeHref(page, item);
  }

  /** As `go`, without a new entry in the history. */
  replace(page: PageName, item?: string | null): void {
    history.replaceState(null, '', routeHref(page, item));
    this.route = { page, item: item ?? null };
  }
}
