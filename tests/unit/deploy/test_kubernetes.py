"""
deploy/k8s/: every object by the schema of its kind, and the overlay as kustomize builds it. There is
no cluster here, so that admission, scheduling and volumes are not tested.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_validate.utils import ValidationError, validate

from tests.unit.deploy.started import DEPLOY, containers, documents

VERSIONS = ("1.31", "1.33", "1.35")
OBJECTS = [
    pytest.param(body, id=f"{body['kind']} {body['metadata']['name']}") for body in documents()
]
WORKLOADS = {
    body["metadata"]["name"]: body
    for body in documents()
    if body["kind"] in {"StatefulSet", "Deployment", "Job"}
}


def built(folder: Path) -> list[dict[str, Any]]:
    """Return what kustomize makes of *folder*; skip, or fail with REQUIRE_SERVERS=1, without it."""
    if program := shutil.which("kubectl"):
        command = [program, "kustomize", str(folder)]
    elif program := shutil.which("kustomize"):
        command = [program, "build", str(folder)]
    elif os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail("neither kubectl nor kustomize is on this machine")
    else:
        pytest.skip("neither kubectl nor kustomize is on this machine: the overlay is not built")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.mark.parametrize("body", OBJECTS)
@pytest.mark.parametrize("version", VERSIONS)
def test_an_object_is_what_its_kind_says(body: dict[str, Any], version: str) -> None:
    validate(body, version, strict=True)


def test_a_mistake_would_be_found() -> None:
    wrong = {**WORKLOADS["ingest"], "spec": {**WORKLOADS["ingest"]["spec"], "replica": 2}}

    with pytest.raises(ValidationError):
        validate(wrong, VERSIONS[-1], strict=True)


@pytest.mark.servers
@pytest.mark.parametrize("folder", ["base", "overlays/example"])
def test_kustomize_builds_it_and_every_object_is_sound(folder: str) -> None:
    objects = built(DEPLOY / "k8s" / folder)

    assert objects
    for body in objects:
        validate(body, VERSIONS[-1], strict=True)


@pytest.mark.servers
def test_the_overlay_reaches_every_container_with_its_image_and_settings() -> None:
    objects = built(DEPLOY / "k8s" / "overlays" / "example")
    names = {body["metadata"]["name"] for body in objects if body["kind"] == "ConfigMap"}
    found = 0
    for body in objects:
        pod = body.get("spec", {}).get("template", {}).get("spec", {})
        for container in (*pod.get("containers", ()), *pod.get("initContainers", ())):
            found += 1
            assert container["image"].startswith("registry.example/")
            assert {one["configMapRef"]["name"] for one in container.get("envFrom", ())} <= names
        assert body["kind"] == "Namespace" or body["metadata"]["namespace"] == "jiaoying"
    [settings] = [
        body["data"]
        for body in objects
        if body["kind"] == "ConfigMap" and "JIAOYING_REDIS_URL" in body["data"]
    ]

    assert found == len([*containers(), *containers("initContainers")])
    assert "invalid" not in settings["JIAOYING_REDIS_URL"]
    assert settings["JIAOYING_KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_pod_may_do_nothing_but_its_work(name: str) -> None:
    pod = WORKLOADS[name]["spec"]["template"]["spec"]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in (*pod["containers"], *pod.get("initContainers", ())):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
        assert "memory" in container["resources"]["limits"]
        volumes = {volume["name"] for volume in pod["volumes"]} | {
            claim["metadata"]["name"]
            for claim in WORKLOADS[name]["spec"].get("volumeClaimTemplates", ())
        }
        assert {mount["name"] for mount in container["volumeMounts"]} <= volumes


@pytest.mark.parametrize("name", ["ingest", "correlator", "dispatcher", "console"])
def test_of_two_pods_one_stays(name: str) -> None:
    budget = next(
        body
        for body in documents()
        if body["kind"] == "PodDisruptionBudget" and body["metadata"]["name"] == name
    )

    assert budget["spec"]["minAvailable"] < WORKLOADS[name]["spec"]["replicas"]
    labels = WORKLOADS[name]["spec"]["template"]["metadata"]["labels"]
    assert budget["spec"]["selector"]["matchLabels"].items() <= labels.items()


@pytest.mark.parametrize("name", ["ingest", "correlator", "dispatcher"])
def test_what_a_process_keeps_outlives_its_pod(name: str) -> None:
    spec = WORKLOADS[name]["spec"]

    assert WORKLOADS[name]["kind"] == "StatefulSet"
    assert spec["persistentVolumeClaimRetentionPolicy"] == {
        "whenDeleted": "Retain",
        "whenScaled": "Retain",
    }
