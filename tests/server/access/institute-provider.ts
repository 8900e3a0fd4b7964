import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export const client = { id: "lamella", secret: "a-secret-of-the-tests-0123456789" };

/** A real OpenID Connect provider on a free port, whose sign-in page lets in whoever types a name. */
export async function startProvider(redirectUri: string, namesInToken = false) {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [redirectUri] }],
    claims: { openid: ["sub"], profile: ["name"], email: ["email"] },
    // Names are at the userinfo endpoint only, or in the ID token too: institutes do either.
    conformIdTokenClaims: !namesInToken,
    jwks: {
      keys: [generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" })],
    },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, name: id.split(":")[1], email: `${id.split(":")[0]}@institute.example` }),
    }),
    cookies: { keys: ["signing-key-of-the-tests"] },
    features: { devInteractions: { enabled: true } },
  });
  const answer = provider.callback();
  http.on("request", (request, response) => void answer(request, response));
  return {
    issuer,
    async stop() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** A browser's jar and nothing else: follows redirects by hand, types into the provider's own pages. */
export class Walker {
  readonly #jars = new Map<string, Map<string, string>>();

  cookies(origin: string): string {
    return [...(this.#jars.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  set(origin: string, cookie: string): void {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    const [pair = ""] = cookie.split(";");
    const at = pair.indexOf("=");
    if (/max-age=0/i.test(cookie) || pair.slice(at + 1) === "") jar.delete(pair.slice(0, at));
    else jar.set(pair.slice(0, at), pair.slice(at + 1));
  }

  async go(address: string, form?: Record<string, string>): Promise<Response> {
    const { origin } = new URL(address);
    const answer = await fetch(address, {
      redirect: "manual",
      headers: { cookie: this.cookies(origin) },
      ...(form ? { method: "POST", body: new URLSearchParams(form) } : {}),
    });
    for (const cookie of answer.headers.getSetCookie()) this.set(origin, cookie);
    return answer;
  }

  /** Follows redirects until `stop` is reached or a page is shown. */
  async follow(address: string, stop: (address: string) => boolean): Promise<{ at: string; page: Response }> {
    for (let at = address, n = 0; n < 20; n++) {
      const page = await this.go(at);
      const next = page.headers.get("location");
      if (next === null) return { at, page };
      at = new URL(next, at).href;
      if (stop(at)) return { at, page };
    }
    throw new Error("too many redirects");
  }

  /** Through the provider's sign-in and consent pages. @returns address of the call-back, not yet visited */
  async signInAt(begin: string, login: string, callback: string): Promise<string> {
    const isCallback = (address: string) => address.startsWith(callback);
    let { at, page } = await this.follow(begin, isCallback);
    for (let n = 0; n < 3 && !isCallback(at); n++) {
      const html = await page.text();
      const action = /action="([^"]+)"/.exec(html)?.[1];
      if (!action) throw new Error(`No form at ${at}: ${page.status} ${html.slice(0, 300)}`);
      const prompt = /name="prompt" value="([^"]+)"/.exec(html)?.[1] ?? "login";
      const answer = await this.go(new URL(action, at).href, { prompt, login, password: "any" });
      ({ at, page } = await this.follow(new URL(answer.headers.get("location")!, at).href, isCallback));
    }
    return at;
  }
}
