import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Folders of tests that wait for real programs, slowest first. */
const slow = ["test/e2e/", "test/netns/", "test/scenarios/", "test/newcomer/", "test/contract/openwrt", "test/contract/", "test/"];

/** Starts what takes long first, so that no worker is left with it at the end while the others have nothing to do. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = slow.findIndex((folder) => moduleId.includes(`/${folder}`));
      return found < 0 ? slow.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
