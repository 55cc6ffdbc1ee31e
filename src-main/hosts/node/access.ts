/** Who may talk to the headless workbench: holders of this start's token, from its own address, in its own pages. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Compares secrets in constant time, whatever their lengths. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/**
 * The secrets of one start. The token opens calls and sessions; the cookie, another secret, opens pictures and nothing
 * else, because browsers send cookies to every port of this address.
 */
export class Access {
  readonly token = randomBytes(32).toString('base64url');
  readonly #session = randomBytes(32).toString('base64url');
  readonly #authority: string;
  readonly #cookie: string;

  /** @param port the port that the workbench listens on, on 127.0.0.1 */
  constructor(port: number) {
    this.#authority = `127.0.0.1:${port}`;
    this.#cookie = `pentimento-${port}`;
  }

  get origin(): string {
    return `http://${this.#authority}`;
  }

  /** The value of `Set-Cookie` for whoever presented the token. */
  get sessionCookie(): string {
    return `${this.#cookie}=${this.#session}; Path=/media/; HttpOnly; SameSite=Strict`;
  }

  /**
   * Why the request is refused on sight, or null. A name other than the one that was bound means DNS rebinding; a
   * foreign `Origin` or fetch site means that another page is asking.
   */
  refusal(request: IncomingMessage): { status: number; text: string } | null {
    const { host, origin } = request.headers;
    if (host !== this.#authority) return { status: 421, text: `Ask for ${this.#authority}.` };
    if (origin !== undefined && origin !== this.origin) return { status: 403, text: 'Foreign origin.' };
    const site = request.headers['sec-fetch-site'];
    const opened = request.headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET';
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opened)
      return { status: 403, text: 'Foreign site.' };
    return null;
  }

  /** Whether the request carries the token as `Authorization: Bearer`. */
  hasBearer(request: IncomingMessage): boolean {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    return scheme === 'Bearer' && same(token ?? '', this.token);
  }

  /** Whether the request carries the session's cookie. */
  hasSession(request: IncomingMessage): boolean {
    const cookies = (request.headers.cookie ?? '').split(';').map((part) => part.trim().split('='));
    return cookies.some(([name, value]) => name === this.#cookie && same(value ?? '', this.#session));
  }

  /** Whether a WebSocket comes from the workbench's own page and offers the token among its protocols. */
  maySocket(request: IncomingMessage): boolean {
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim());
    const token = offered.find((p) => p.startsWith('token.'))?.slice('token.'.length);
    return (
      request.headers.origin === this.origin &&
      offered.includes('pentimento') &&
      same(token ?? '', this.token)
    );
  }
}
