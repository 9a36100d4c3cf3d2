import { expect, it } from "vitest";
import { answerChallenge, parseChallenge } from "./digest.ts";

it("answers the example of RFC 7616, section 3.9.1", () => {
  const login = { username: "Mufasa", password: "Circle of Life" };
  const request = { method: "GET", uri: "/dir/index.html" };
  const cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  const header = (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
  const answer = (algorithm: string) => answerChallenge(parseChallenge(header(algorithm))!, login, request, 1, cnonce);
  expect(answer("MD5")).toContain('response="8ca523f5e9506fed4657c9700eebdbec"');
  expect(answer("SHA-256")).toContain('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"');
  expect(answer("MD5")).toContain('opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"');
});

it("finds the digest among several challenges, and refuses what it cannot answer", () => {
  const ours = 'Digest realm="F!Box SOAP-Auth", nonce="F758BE72FB999CEA", algorithm=MD5, qop="auth"';
  expect(parseChallenge(['Basic realm="x"', ours])).toEqual({
    realm: "F!Box SOAP-Auth",
    nonce: "F758BE72FB999CEA",
    qop: true,
    opaque: undefined,
    algorithm: "MD5",
    stale: false,
  });
  expect(parseChallenge(`${ours}, stale=TRUE`)?.stale).toBe(true);
  expect(parseChallenge('Basic realm="x"')).toBeUndefined();
  expect(parseChallenge(undefined)).toBeUndefined();
  expect(parseChallenge('Digest realm="x", nonce="y", qop="auth-int"')).toBeUndefined();
  expect(parseChallenge('Digest realm="x", nonce="y", algorithm=SHA-512-256')).toBeUndefined();
});
