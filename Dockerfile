# The engine with its pages and all router drivers, for one home. docs/docker.md says how to run it.

FROM node:24-slim AS build
WORKDIR /src
# First what names the dependencies alone: while these stay the same, so does this gigabyte, and an update builds from there.
COPY package.json package-lock.json .npmrc ./
COPY personas/package.json personas/
COPY engine/package.json engine/
COPY plugins/routers/package.json plugins/routers/
COPY plugins/homebridge/package.json plugins/homebridge/
COPY node-red-nodes/package.json node-red-nodes/
RUN npm ci
COPY . .
RUN npm run build
RUN mkdir /packages && npm pack --pack-destination /packages --workspace personas --workspace engine --workspace plugins/routers
# Our packages as they are published, what they need as package-lock.json has it, and none of the types and source maps of either.
RUN npm ci --omit=dev --omit=optional --workspace personas --workspace engine --workspace plugins/routers
RUN cd node_modules/@network-personas && rm * && for name in personas engine routers; do mkdir $name && tar -xzf /packages/network-personas-$name-*.tgz -C $name --strip-components=1; done
RUN find node_modules -name '*.[cm]ts' -delete -o -name '*.ts' -delete -o -name '*.map' -delete

FROM node:24-slim
# Routers that run Linux are reached with the one; the other ends us as soon as it is told to, and clears away what ssh leaves behind.
RUN apt-get update && apt-get install -y --no-install-recommends openssh-client tini && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
ENV PATH=/app/node_modules/.bin:$PATH
WORKDIR /app
COPY --from=build /src/node_modules node_modules
# Everything that is kept, the home and its memory, lies in one folder: that of the user the engine runs as, whose keys for SSH are there too.
RUN mkdir -p /data && chown node:node /data && usermod --home /data node
VOLUME /data
ENV NETWORK_PERSONAS_HOME=/data/home.yaml
USER node
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "-e", "const { url } = JSON.parse(require('fs').readFileSync('/data/.network-personas/engine.lock', 'utf8')); fetch(url + '/v1/health', { signal: AbortSignal.timeout(4000) }).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "-s", "--", "network-personas"]
CMD ["serve", "--listen", "0.0.0.0:8787"]
