/** The one way to the API: same origin, the session's cookie, JSON both ways, problem documents turned into errors. */

/** RFC 9457. `field` (or `errors`) names what the caller got wrong. */
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  field?: string;
  errors?: { field?: string; detail?: string }[];
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.name = 'ApiError';
  }

  get field(): string | undefined {
    return this.problem.field ?? this.problem.errors?.[0]?.field;
  }

  /** This server does not have the route: an older one, or a part that is switched off. */
  get absent(): boolean {
    return this.status === 404 || this.status === 501;
  }
}

export type Query = Record<string, string | number | boolean | readonly string[] | undefined | null>;

/** The path below which the server is reached, such as /tls; empty where it is the root. */
export const PREFIX = document.querySelector('meta[name=prefix]')?.getAttribute('content') ?? '';

const BASE = `${PREFIX}/api/v1`;

export function address(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    if (Array.isArray(value)) value.forEach((one) => parameters.append(key, one));
    else parameters.set(key, String(value));
  }
  const text = parameters.toString();
  return BASE + path + (text ? `?${text}` : '');
}

async function request<T>(method: string, path: string, query: Query | undefined, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address(path, query), {
      method,
      credentials: 'same-origin',
      headers: { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, { title: 'No answer', detail: 'The server did not answer. Is tlsfleet still running?' });
  }
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, problemOf(response, text));
  return (text ? JSON.parse(text) : undefined) as T;
}

function problemOf(response: Response, text: string): Problem {
  try {
    const problem = JSON.parse(text) as Problem;
    if (problem && typeof problem === 'object') return problem;
  } catch {
    // not JSON: a proxy's page, whose text is of no use to the reader
  }
  return { title: response.statusText, status: response.status };
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => request<T>('GET', path, query, undefined, signal),
  post: <T>(path: string, body: unknown = {}, query?: Query) => request<T>('POST', path, query, body),
  patch: <T>(path: string, body: unknown) => request<T>('PATCH', path, undefined, body),
  put: <T>(path: string, body: unknown) => request<T>('PUT', path, undefined, body),
  remove: <T>(path: string) => request<T>('DELETE', path, undefined),
  /** A body that is not JSON, such as a CSV import. */
  async send<T>(path: string, contentType: string, body: string, query?: Query): Promise<T> {
    const response = await fetch(address(path, query), {
      method: 'POST',
      credentials: 'same-origin',
      headers: { Accept: 'application/json', 'Content-Type': contentType },
      body,
    });
    const text = await response.text();
    if (!response.ok) throw new ApiError(response.status, problemOf(response, text));
    return JSON.parse(text) as T;
  },
};
