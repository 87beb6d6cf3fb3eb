/** Send a file to the server, with how far it is. */
import { Problem } from "../api";

export type Uploaded = { upload: string; name: string };

export function send(file: File, progress: (share: number) => void): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/uploads");
    request.setRequestHeader("accept-language", document.documentElement.lang);
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => reject(new Problem(0, "page.no_connection", "", null));
    request.onload = () => {
      let told: Record<string, string | null> = {};
      try {
        told = JSON.parse(request.responseText) as typeof told;
      } catch {
        told = {};
      }
      if (request.status === 201) resolve(told as Uploaded);
      else reject(new Problem(request.status, told.code ?? "", told.title ?? "", told.detail ?? null));
    };
    request.send(form);
  });
}
