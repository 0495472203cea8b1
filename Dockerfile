# The program in one file on a Node image; builds with the classic builder (Docker 20.10) and with BuildKit.
# The daemon runs as 7710:7710. To reach the engine it needs the group of the socket:
#   docker run --group-add "$(stat -c %g /var/run/docker.sock)" -v /var/run/docker.sock:/var/run/docker.sock …
# (deploy/compose.yaml is the whole of it.)
ARG NODE_IMAGE=node:24-bookworm-slim
ARG RUNTIME_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
# Install scripts are left out: the build needs none, and one of them would download another Node. `true` does
# for a build without a registry, where node_modules come in the context.
ARG INSTALL="npm ci --ignore-scripts --no-audit --no-fund"
COPY package.json package-lock.json .npmrc ./
RUN ${INSTALL}
COPY . .
ARG BUILD_REVISION=unknown
RUN node deploy/build.ts && mkdir data

FROM ${RUNTIME_IMAGE}
ARG BUILD_REVISION=unknown
LABEL org.opencontainers.image.title="Shorefast" \
      org.opencontainers.image.description="GitOps for Docker hosts" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${BUILD_REVISION}"
COPY --from=build /build/LICENSE /build/dist/ /app/
# A new volume takes over the owner of the directory in the image.
COPY --from=build --chown=7710:7710 /build/data /data
ENV NODE_ENV=production
USER 7710:7710
EXPOSE 7710
VOLUME /data
STOPSIGNAL SIGTERM
# Healthy is a daemon that answers; whether the stacks are well is what /metrics and `status` tell.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s \
  CMD ["node", "/app/shorefast.mjs", "status", "--output", "name"]
# The daemon waits most of the time, so memory that comes free is given back to the system (without these, the C
# library keeps 20 MB of it in a pool for each thread).
ENV MALLOC_ARENA_MAX=1
ENV MALLOC_TRIM_THRESHOLD_=65536
ENV MALLOC_MMAP_THRESHOLD_=32768
# A young generation of 1 MB in place of 16, and code that is small rather than fast, save 25 MB. Two of the three
# compilers, each with its own code and output, save 8 more; what runs often still gets the best of them.
ENTRYPOINT ["node", "--max-semi-space-size=1", "--optimize-for-size", "--no-sparkplug", "--no-maglev", "/app/shorefast.mjs"]
CMD ["run"]
