# A layer of third-party packages: one section of the lock as wheels for one architecture, without what no function uses.
# The Makefile that includes this says which: LAYER, its name in template.yaml; SECTION; ARCHITECTURE.

include $(dir $(lastword $(MAKEFILE_LIST)))python.mk

machine := $(if $(filter arm64,$(ARCHITECTURE)),aarch64,x86_64)
site := $(ARTIFACTS_DIR)/python

build-$(LAYER):
	"$(python)" "$(root)/layers/vendor/lock.py" $(SECTION) > "$(ARTIFACTS_DIR)/requirements.txt"
	"$(python)" -m pip install -qq --disable-pip-version-check --no-compile --no-deps --require-hashes \
	  --requirement "$(ARTIFACTS_DIR)/requirements.txt" --target "$(site)" --only-binary=:all: --implementation cp \
	  --python-version $(target) --platform manylinux2014_$(machine) --platform manylinux_2_28_$(machine)
	rm "$(ARTIFACTS_DIR)/requirements.txt"
	"$(python)" "$(root)/layers/vendor/prune.py" "$(site)"
	$(call compile,$(site))

.PHONY: build-$(LAYER)
