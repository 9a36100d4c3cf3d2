import "../dist/settings/server.js";
