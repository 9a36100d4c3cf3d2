/** An action with its arguments, as an SCPD lists them. */
interface Action {
  in: readonly string[];
  out: readonly string[];
  /** Any of these rights of the account is enough; none needed when empty. */
  rights: readonly Right[];
  /** Answered without a login. */
  open?: boolean;
}
export type Right = "BoxAdmin" | "App" | "Phone";

export interface Service {
  type: string;
  control: string;
  scpd: string;
  /** In which description it is listed. */
  listedIn: "/tr64desc.xml" | "/igddesc.xml";
  actions: Readonly<Record<string, Action>>;
}

const read = ["BoxAdmin", "App", "Phone"] as const;

/** The services of a box with FRITZ!OS 7.57, with the argument names of its SCPDs. */
export function servicesOf(firmware: { priority: boolean; hostFilter: boolean }): Service[] {
  const dsl = (name: string, path: string, actions: Service["actions"]): Service => ({
    type: `urn:dslforum-org:service:${name}:1`,
    control: `/upnp/control/${path}`,
    scpd: `/${path}SCPD.xml`,
    listedIn: "/tr64desc.xml",
    actions,
  });
  return [
    dsl("DeviceInfo", "deviceinfo", {
      GetInfo: {
        in: [],
        out: [
          "NewManufacturerName",
          "NewManufacturerOUI",
          "NewModelName",
          "NewDescription",
          "NewProductClass",
          "NewSerialNumber",
          "NewSoftwareVersion",
          "NewUpTime",
        ],
        rights: read,
      },
      GetSecurityPort: { in: [], out: ["NewSecurityPort"], rights: [], open: true },
    }),
    dsl("LANConfigSecurity", "lanconfigsecurity", {
      "X_AVM-DE_GetCurrentUser": { in: [], out: ["NewX_AVM-DE_CurrentUsername", "NewX_AVM-DE_CurrentUserRights"], rights: [] },
    }),
    dsl("Hosts", "hosts", {
      GetHostNumberOfEntries: { in: [], out: ["NewHostNumberOfEntries"], rights: [] },
      "X_AVM-DE_GetChangeCounter": { in: [], out: ["NewX_AVM-DE_ChangeCounter"], rights: [] },
      "X_AVM-DE_GetHostListPath": { in: [], out: ["NewX_AVM-DE_HostListPath"], rights: read },
      ...(firmware.priority
        ? { "X_AVM-DE_SetPrioritizationByIP": { in: ["NewIPAddress", "NewX_AVM-DE_Priority"], out: [], rights: read } }
        : {}),
    }),
    ...(firmware.hostFilter
      ? [
          dsl("X_AVM-DE_HostFilter", "x_hostfilter", {
            DisallowWANAccessByIP: { in: ["NewIPv4Address", "NewDisallow"], out: [], rights: ["BoxAdmin"] },
            GetWANAccessByIP: { in: ["NewIPv4Address"], out: ["NewDisallow", "NewWANAccess"], rights: ["BoxAdmin"] },
          }),
        ]
      : []),
    {
      type: "urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1",
      control: "/igdupnp/control/WANCommonIFC1",
      scpd: "/igdicfgSCPD.xml",
      listedIn: "/igddesc.xml",
      actions: {
        GetAddonInfos: {
          in: [],
          out: [
            "NewByteSendRate",
            "NewByteReceiveRate",
            "NewTotalBytesSent",
            "NewTotalBytesReceived",
            "NewX_AVM_DE_TotalBytesSent64",
            "NewX_AVM_DE_TotalBytesReceived64",
          ],
          rights: [],
          open: true,
        },
      },
    },
  ];
}

const xml = '<?xml version="1.0"?>';

export const description = (services: readonly Service[], model: string): string => `${xml}
<root xmlns="urn:dslforum-org:device-1-0"><specVersion><major>1</major><minor>0</minor></specVersion><device><deviceType>urn:dslforum-org:device:InternetGatewayDevice:1</deviceType><friendlyName>${model}</friendlyName><serviceList>${services
  .map(
    (s) =>
      `<service><serviceType>${s.type}</serviceType><serviceId>urn:any-com:serviceId:any1</serviceId><controlURL>${s.control}</controlURL><eventSubURL>${s.control}</eventSubURL><SCPDURL>${s.scpd}</SCPDURL></service>`,
  )
  .join("")}</serviceList></device></root>`;

export const scpd = (service: Service): string => `${xml}
<scpd xmlns="urn:dslforum-org:service-1-0"><actionList>${Object.entries(service.actions)
  .map(([name, action]) => {
    const list = [...action.in.map((a) => [a, "in"]), ...action.out.map((a) => [a, "out"])]
      .map(([a, way]) => `<argument><name>${a}</name><direction>${way}</direction></argument>`)
      .join("");
    return `<action><name>${name}</name>${list ? `<argumentList>${list}</argumentList>` : ""}</action>`;
  })
  .join("")}</actionList></scpd>`;
