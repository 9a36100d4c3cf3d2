import { testRouterDriver } from "@network-personas/engine/testing";
import { describe, it } from "vitest";
import { virtualFixture } from "./kit-virtual.ts";

testRouterDriver("virtual", virtualFixture, { describe, it });
