/** What we use of sax, which comes without types. */
declare module "sax" {
  interface Parser {
    onerror: (error: Error) => void;
    ontext: (text: string) => void;
    oncdata: (text: string) => void;
    ondoctype: () => void;
    onopentag: (tag: { name: string }) => void;
    onclosetag: () => void;
    write(text: string): Parser;
    close(): Parser;
  }
  const sax: { parser(strict: boolean): Parser };
  export = sax;
}
