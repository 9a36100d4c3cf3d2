# The engine with its pages and all router drivers, for one home. docs/docker.md says how to run it.

FROM node:24-slim AS build
WORKDIR /src
COPY . .
RUN npm ci
RUN npm run build
RUN mkdir /packages && npm pack --pack-destination /packages --workspace personas --workspace engine --workspace plugins/routers

FROM node:24-slim
ENV NODE_ENV=production
ENV PATH=/app/node_modules/.bin:$PATH
WORKDIR /app
COPY --from=build /packages /packages
RUN npm install --omit=dev --ignore-scripts --no-audit --no-fund /packages/*.tgz && npm cache clean --force
# Everything that is kept, the home and its memory, lies in one folder that belongs to the user the engine runs as.
RUN mkdir -p /data && chown node:node /data
VOLUME /data
ENV NETWORK_PERSONAS_HOME=/data/home.yaml
USER node
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:8787/v1/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["network-personas"]
CMD ["serve", "--listen", "0.0.0.0:8787"]
