// A call as text to be run elsewhere, under each protocol that the platform speaks. It sends exactly the row that is given,
// whatever its cells and columns are. The key is in the environment.
const BEARER = "Authorization: Bearer $LEPTON_API_KEY";

export const KINDS = ["curl", "Python"];

function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function asCurl(url, body, headers = [BEARER]) {
  return [`curl ${quoted(url)}`, ...[...headers, "Content-Type: application/json"].map((one) => `-H "${one}"`), `--data-binary ${quoted(JSON.stringify(body))}`].join(" \\\n  ");
}

// A text or a number of JSON is one of Python as well.
const python = (value) => (value === null ? "None" : JSON.stringify(value));

function pythonRow(row) {
  const cells = Object.entries(row).map(([name, cell]) => `    ${python(name)}: ${python(cell)},\n`);
  return `row = {\n${cells.join("")}}`;
}

// A tensor of one cell; a gap has no number to stand for it, so it is one of texts.
function tensor([name, cell]) {
  const datatype = typeof cell !== "number" ? "BYTES" : Number.isInteger(cell) ? "INT64" : "FP64";
  return { name, shape: [1], datatype, data: [cell] };
}

const hostOf = (address) => address.replace(/^\w+:\/\//, "");

// Of each protocol the call with curl and with Python, of { platform, model, task, row, coverage, server }: the addresses
// of the platform and of a server of the model, without a slash behind them.
export const PROTOCOLS = {
  lepton: {
    curl: ({ platform, model, row, coverage }) => asCurl(`${platform}/v1/models/${model}/predict`, { rows: [row], coverage }),
    Python: ({ platform, model, row, coverage }) => `import os

from lepton_ai import Model

${pythonRow(row)}
os.environ["LEPTON_URL"] = ${python(platform)}
model = Model(name=${python(model)})
print(model.predict(row${coverage === undefined ? "" : `, coverage=${coverage}`}))
`,
  },
  open_inference: {
    curl: ({ platform, model, row }) => asCurl(`${platform}/v2/models/${model}/infer`, { inputs: Object.entries(row).map(tensor) }),
    Python: ({ platform, model, row, task }) => `import os

import numpy as np
import tritonclient.http as triton

${pythonRow(row)}


def tensor(name, cell):
    datatype, dtype = {int: ("INT64", "i8"), float: ("FP64", "f8")}.get(type(cell), ("BYTES", object))
    made = triton.InferInput(name, [1], datatype)
    made.set_data_from_numpy(np.array(["" if cell is None else cell], dtype), binary_data=False)
    return made


client = triton.InferenceServerClient(${python(hostOf(platform))}${platform.startsWith("https:") ? ", ssl=True" : ""})
headers = {"Authorization": f"Bearer {os.environ['LEPTON_API_KEY']}"}
answer = client.infer(${python(model)}, [tensor(*one) for one in row.items()], headers=headers)
${(task === "regression" ? ["value"] : ["label", "probabilities"]).map((one) => `print(answer.as_numpy("${one}").tolist())\n`).join("")}`,
  },
  sagemaker: {
    curl: ({ platform, model, row }) => asCurl(`${platform}/endpoints/${model}/invocations`, { instances: [row] }),
    Python: ({ platform, model, row }) => `import json

import boto3

${pythonRow(row)}
client = boto3.client("sagemaker-runtime", endpoint_url=${python(platform)}, region_name="eu-central-1")
body = json.dumps({"instances": [row]})
answer = client.invoke_endpoint(EndpointName=${python(model)}, Body=body, ContentType="application/json")
print(json.loads(answer["Body"].read())["predictions"][0])
`,
  },
  mlflow: {
    curl: ({ server, row }) => asCurl(`${server}/invocations`, { dataframe_records: [row] }, []),
    Python: ({ server, row }) => {
      const [, host, port] = hostOf(server).match(/^(.*?)(?::(\d+))?$/);
      return `import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

${pythonRow(row)}
client = ScoringServerClient(${python(host)}, ${port ?? 80})
print(client.invoke(pd.DataFrame([row]))["predictions"][0])
`;
    },
  },
};

// A word of a command, in quotes where a shell would take it for more.
export const word = (text) => (/^[\w.:/-]+$/.test(text) ? text : quoted(text));

// What gives a client of AWS its pair for the key.
export const awsPair = (platform) => `export LEPTON_URL=${word(platform)}\nexport $(lepton keys aws $LEPTON_API_KEY)`;
