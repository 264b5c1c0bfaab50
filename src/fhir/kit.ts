/** Identifier system of the study's collection kits: the only name of a tube that is not the hospital's. */
export const KIT = 'https://study-gateway.example/sid/kit';
